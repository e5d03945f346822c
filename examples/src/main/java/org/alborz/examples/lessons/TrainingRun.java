package org.alborz.examples.lessons;

import java.util.List;
import java.util.stream.DoubleStream;
import org.alborz.examples.drawing.Plot;
import org.alborz.train.EpochResult;

/**
 * How a training went.
 *
 * @param stopped why it ended early, or null
 */
record TrainingRun(List<EpochResult> epochs, String stopped) {
    /** Returns a figure of each epoch, such as {@code val_accuracy}. */
    double[] each(String figure) {
        return epochs.stream().mapToDouble(epoch -> epoch.value(figure)).toArray();
    }

    /** Returns a figure of each epoch, NaN, a gap in a plot, where it is not below a bound. */
    double[] below(String figure, double bound) {
        return DoubleStream.of(each(figure))
                .map(x -> x < bound ? x : Double.NaN)
                .toArray();
    }

    /** Returns a figure of the last epoch. */
    double last(String figure) {
        return epochs.get(epochs.size() - 1).value(figure);
    }

    /** Draws a figure over the epochs, in training and validation. */
    Plot plot(String title, String figure) {
        return new Plot(title, "epoch", figure)
                .line("training", each(figure))
                .line("validation", each("val_" + figure));
    }

    /** Returns the time of training, without validation. */
    double seconds() {
        return epochs.stream().mapToDouble(EpochResult::seconds).sum();
    }

    /** Prints loss and accuracy of the last epoch, in training and validation. */
    void say(Notebook notebook, String name) {
        notebook.say(
                "  %-10s loss %.3f, in validation %.3f; accuracy %.3f, in validation %.3f",
                name, last("loss"), last("val_loss"), last("accuracy"), last("val_accuracy"));
    }
}

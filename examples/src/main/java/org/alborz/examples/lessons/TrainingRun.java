package org.alborz.examples.lessons;

import java.util.List;
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

    /** Returns a figure of the last epoch. */
    double last(String figure) {
        return epochs.get(epochs.size() - 1).value(figure);
    }
}

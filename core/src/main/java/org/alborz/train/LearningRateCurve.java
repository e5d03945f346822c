package org.alborz.train;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalDouble;

/**
 * The losses that a {@link LearningRateFinder} found, by growing learning rate.
 *
 * @param points one a step; fewer than the steps asked for where the loss rose too far
 */
public record LearningRateCurve(List<Point> points) {
    /**
     * What one step was.
     *
     * @param learningRate that the step was done with
     * @param loss of the batch before the step
     * @param smoothedLoss the moving average of the losses up to this one
     */
    public record Point(double learningRate, double loss, double smoothedLoss) {}

    public LearningRateCurve {
        points = List.copyOf(points);
    }

    /**
     * Returns the learning rate at which the smoothed loss falls fastest over its logarithm, or nothing where it falls nowhere or there are fewer
     * than 3 points. The first and the last tenth of the points are left out where there are at least 10: there the average has seen little,
     * or the training diverges.
     */
    public OptionalDouble suggestion() {
        int margin = points.size() >= 10 ? points.size() / 10 : 0;
        OptionalDouble best = OptionalDouble.empty();
        double steepest = 0;
        for (int i = Math.max(1, margin); i < points.size() - Math.max(1, margin); i++) {
            Point before = points.get(i - 1);
            Point after = points.get(i + 1);
            double slope = (after.smoothedLoss - before.smoothedLoss)
                    / (Math.log(after.learningRate) - Math.log(before.learningRate));
            if (slope < steepest) {
                steepest = slope;
                best = OptionalDouble.of(points.get(i).learningRate);
            }
        }
        return best;
    }

    /** Writes the points as CSV with the columns {@code learning_rate,loss,smoothed_loss}. */
    public void writeCsv(Path file) throws IOException {
        StringBuilder text = new StringBuilder("learning_rate,loss,smoothed_loss\n");
        for (Point point : points) {
            text.append(point.learningRate)
                    .append(',')
                    .append(point.loss)
                    .append(',')
                    .append(point.smoothedLoss)
                    .append('\n');
        }
        Files.writeString(file, text);
    }

    /** Writes a plot as SVG: the losses and their average over the logarithm of the learning rate, and the suggestion. */
    public void writeSvg(Path file) throws IOException {
        Files.writeString(file, new LearningRatePlot(this).svg());
    }
}

package org.alborz.examples.lessons;

import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.alborz.data.Dataset;
import org.alborz.data.Sample;
import org.alborz.examples.drawing.Plot;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.Shape;

/** What lessons ask of points, one a row. */
final class Points {
    private static final int SIDE = 161;

    private Points() {}

    /** Returns X^T X / N of points [N, D] that are centred first. */
    static Tensor covariance(Tensor points) {
        Tensor centred = points.sub(points.mean(true, 0));
        return centred.mT().matmul(centred).div(points.shape().size(0));
    }

    /** Returns the first field, float32, of all samples. */
    static float[][] rows(Dataset data) {
        float[][] rows = new float[data.size()][];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = Sample.of(data, i).floats(0);
        }
        return rows;
    }

    /**
     * Draws samples of a plane in two classes, and the decision boundary: where the probability of class 1 is 1/2.
     *
     * @param samples {@code [N, 2]} or wider, of which the first two columns are drawn
     * @param probability of class 1, [M, 1], at points [M, 2]
     */
    static Plot boundary(Tensor samples, float[] classes, UnaryOperator<Tensor> probability) {
        Session session = samples.session();
        Tensor axis = session.linspace(-0.5, 1.5, SIDE);
        Tensor x = axis.reshape(1, SIDE).expand(Shape.of(SIDE, SIDE)).reshape(-1, 1);
        Tensor y = axis.reshape(SIDE, 1).expand(Shape.of(SIDE, SIDE)).reshape(-1, 1);
        float[][] p =
                probability.apply(Tensor.concat(1, x, y)).reshape(SIDE, SIDE).toRows();
        double[] at = axis.toDoubles();
        List<double[]> crossed = new ArrayList<>(); // where a row or a column of the grid passes 1/2
        for (int i = 0; i < SIDE; i++) {
            for (int j = 1; j < SIDE; j++) {
                if (p[i][j - 1] < 0.5 != p[i][j] < 0.5) {
                    crossed.add(new double[] {(at[j - 1] + at[j]) / 2, at[i]});
                }
                if (p[j - 1][i] < 0.5 != p[j][i] < 0.5) {
                    crossed.add(new double[] {at[i], (at[j - 1] + at[j]) / 2});
                }
            }
        }
        Plot plot = new Plot("Decision boundary", "first input", "second input").range(-0.5, 1.5, -0.5, 1.5);
        float[][] rows = samples.toRows();
        for (int c = 0; c < 2; c++) {
            int wanted = c;
            int[] members = IntStream.range(0, rows.length)
                    .filter(i -> classes[i] == wanted)
                    .toArray();
            plot.points(
                    "target " + c,
                    IntStream.of(members).mapToDouble(i -> rows[i][0]).toArray(),
                    IntStream.of(members).mapToDouble(i -> rows[i][1]).toArray());
        }
        return plot.dots(
                "output 1/2",
                crossed.stream().mapToDouble(point -> point[0]).toArray(),
                crossed.stream().mapToDouble(point -> point[1]).toArray());
    }

    /** Draws points of a plane [N, 2]; always the same part of it. */
    static BufferedImage scatter(Tensor points) {
        double[] x = points.select(1, 0).toDoubles();
        double[] y = points.select(1, 1).toDoubles();
        return new Plot("", "", "")
                .size(300, 250)
                .range(-6, 10, -6, 8)
                .points("points", x, y)
                .draw();
    }
}

package org.alborz.examples.lessons;

import java.awt.image.BufferedImage;
import org.alborz.data.Dataset;
import org.alborz.data.Sample;
import org.alborz.examples.drawing.Plot;
import org.alborz.tensor.Tensor;

/** What lessons ask of points, one a row. */
final class Points {
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

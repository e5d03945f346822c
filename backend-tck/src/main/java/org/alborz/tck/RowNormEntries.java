package org.alborz.tck;

import java.util.Arrays;
import java.util.List;
import org.alborz.ops.Engine;
import org.alborz.ops.RowNorm;
import org.alborz.type.Shape;

/** Layer normalisation and root mean square normalisation, with weight and bias and without. */
final class RowNormEntries {
    private static final double EPSILON = 1e-3;

    private RowNormEntries() {}

    static List<OpEntry> all() {
        return List.of(entry(true, 3), entry(true, 1), entry(false, 2), entry(false, 1));
    }

    /** @param inputs x, gamma and beta, of which the last may be left out */
    private static OpEntry entry(boolean centred, int inputs) {
        RowNorm operation = new RowNorm(centred, EPSILON);
        String[] names = {"", ", of ones", " and weight", ", weight and bias"};
        OpEntry entry = OpEntry.of(
                        (centred ? "layer norm" : "root mean square norm") + names[inputs],
                        inputs,
                        in -> Engine.apply(operation, in[0], inputs > 1 ? in[1] : null, inputs > 2 ? in[2] : null),
                        in -> normalized(centred, in))
                .covering(RowNorm.class)
                .within(new Tolerance(1e-5, 1e-12, false))
                .on(rows(true, inputs, Shape.of(3, 5)), rows(true, inputs, Shape.of(2, 3, 4)))
                .on(rows(true, inputs, Shape.of(0, 3)), rows(false, inputs, Shape.of(3, 0)))
                .on(rows(false, inputs, Shape.of(1, 1)), rows(false, inputs, Shape.of(17)))
                .on(rows(false, inputs, Shape.of(900, 20)), rows(false, inputs, Shape.of(3, 4099)));
        OpEntry special = entry.atSpecialValues(specials(operation, inputs));
        return inputs == 1 ? special : inputs == 2 ? special.withContiguous(1) : special.withContiguous(1, 2);
    }

    private static Sample rows(boolean smooth, int inputs, Shape shape) {
        Shape row = Shape.of(shape.size(-1));
        HostArray[] all = {
            HostArray.uniform(181, -1, 2, shape),
            HostArray.uniform(182, 0.5, 1.5, row),
            HostArray.uniform(183, -1, 1, row)
        };
        HostArray[] some = Arrays.copyOf(all, inputs);
        return smooth ? Sample.smooth(some) : Sample.forward(some);
    }

    private static HostArray normalized(boolean centred, HostArray... in) {
        HostArray x = in[0];
        int last = x.shape().rank() - 1;
        double width = x.shape().size(last);
        HostArray mean = x.reduce(0, Double::sum, last).map(sum -> centred ? sum / width : 0);
        HostArray deviations = HostArray.broadcast((a, m) -> a - m, x, mean);
        HostArray variance =
                deviations.map(d -> d * d).reduce(0, Double::sum, last).map(sum -> sum / width);
        HostArray y = HostArray.broadcast((d, v) -> d / Math.sqrt(v + EPSILON), deviations, variance);
        return HostArray.compute(
                x.shape(),
                i -> y.at(i) * (in.length > 1 ? in[1].at(i[last]) : 1) + (in.length > 2 ? in[2].at(i[last]) : 0));
    }

    private static List<SpecialCase> specials(RowNorm operation, int inputs) {
        double[] spread = {1, -1, -1, 1};
        double large = (float) 1e15;
        HostArray gamma = HostArray.vector(1, 2, 3, 0.5);
        HostArray beta = HostArray.vector(1, -1, 0.5, 2);
        HostArray dy = HostArray.of(Shape.of(2, 4), 1, 2, 4, 6, 2.5, 1, -1, 4);
        // A row of equal numbers, or zeros where rows are not centred, and one of great magnitude.
        HostArray x = HostArray.compute(
                Shape.of(2, 4), i -> i[0] == 0 ? (operation.centred() ? 0.3 : 0) : large * spread[i[1]]);
        double[] scale = inputs > 1 ? gamma.values() : new double[] {1, 1, 1, 1};
        double[] shift = inputs > 2 ? beta.values() : new double[4];
        HostArray value = HostArray.compute(x.shape(), i -> (i[0] == 0 ? 0 : spread[i[1]] * scale[i[1]]) + shift[i[1]]);
        HostArray dx = HostArray.compute(x.shape(), i -> {
            double mean = 0;
            double product = 0;
            for (int c = 0; c < 4; c++) {
                double slope = dy.at(i[0], c) * scale[c] / 4;
                mean += operation.centred() ? slope : 0;
                product += i[0] == 0 ? 0 : slope * spread[c];
            }
            double along = dy.at(i) * scale[i[1]] - mean - (i[0] == 0 ? 0 : spread[i[1]] * product);
            return along * (i[0] == 0 ? 1 / Math.sqrt(EPSILON) : 1 / large);
        });
        HostArray[] all = {
            dx,
            HostArray.compute(gamma.shape(), i -> dy.at(1, i[0]) * spread[i[0]]),
            HostArray.compute(beta.shape(), i -> dy.at(0, i[0]) + dy.at(1, i[0]))
        };
        HostArray[] given = {x, gamma, beta};
        OpEntry.TensorFunction function =
                in -> Engine.apply(operation, in[0], inputs > 1 ? in[1] : null, inputs > 2 ? in[2] : null);
        HostArray infinite = HostArray.of(Shape.of(1, 4), 1, Double.POSITIVE_INFINITY, 2, -3);
        HostArray ofInfinite =
                HostArray.compute(infinite.shape(), i -> operation.centred() || i[1] == 1 ? Double.NaN : shift[i[1]]);
        return List.of(
                SpecialCase.of("constant, extreme", function, value, Arrays.copyOf(given, inputs))
                        .withGradients(dy, Arrays.copyOf(all, inputs)),
                SpecialCase.of("infinity", function, ofInfinite, first(inputs, infinite, gamma, beta)));
    }

    private static HostArray[] first(int count, HostArray... all) {
        return Arrays.copyOf(all, count);
    }
}

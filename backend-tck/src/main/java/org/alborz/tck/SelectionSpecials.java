package org.alborz.tck;

import java.util.ArrayList;
import java.util.List;
import org.alborz.backend.ReduceOp;
import org.alborz.ops.DropoutOp;
import org.alborz.ops.Engine;
import org.alborz.ops.MaxPool2dOp;
import org.alborz.random.RandomKey;
import org.alborz.tensor.Tensor;
import org.alborz.type.Pool2dParameters;
import org.alborz.type.Shape;

/**
 * What operations that choose give at special values: nothing of what is not chosen, be it infinite or NaN, in the result and in the
 * gradient.
 */
final class SelectionSpecials {
    private static final double NAN = Double.NaN;
    private static final double INF = Double.POSITIVE_INFINITY;

    private SelectionSpecials() {}

    static List<SpecialCase> where() {
        HostArray condition = HostArray.vector(1, 0, NAN, -0.0, -2, 0);
        HostArray a = HostArray.vector(1, INF, 2, NAN, -INF, 0);
        HostArray b = HostArray.vector(NAN, 3, INF, 4, NAN, NAN);
        HostArray dy = HostArray.vector(INF, INF, NAN, INF, 1, NAN);
        HostArray value = HostArray.vector(1, 3, 2, 4, -INF, NAN);
        HostArray byA = HostArray.vector(INF, 0, NAN, 0, 1, 0);
        HostArray byB = HostArray.vector(0, INF, 0, INF, 0, NAN);
        return List.of(SpecialCase.of(
                        "one is infinite or NaN", in -> Tensor.where(in[0].ne(0), in[1], in[2]), value, condition, a, b)
                .withGradients(dy, byA, byB)
                .withoutSecond());
    }

    /** Of equal extremes each has its share, and where one is NaN, it has all. */
    static List<SpecialCase> extremes(ReduceOp op) {
        int sign = op == ReduceOp.MAX ? 1 : -1;
        HostArray x = HostArray.of(Shape.of(6, 2), -INF, -INF, INF, 1, NAN, 1, 2, 2, -1e30, -3e38f, 0, -INF)
                .map(v -> sign * v);
        HostArray value = HostArray.vector(-INF, INF, NAN, 2, -1e30, 0).map(v -> sign * v);
        HostArray shares = HostArray.of(Shape.of(6, 2), 0.5, 0.5, 1, 0, 1, 0, 0.5, 0.5, 1, 0, 1, 0);
        List<SpecialCase> cases = new ArrayList<>();
        for (double dy : new double[] {1, INF}) {
            cases.add(SpecialCase.of(
                            "infinities, NaN, ties, dy = " + dy,
                            in -> op == ReduceOp.MAX ? in[0].max(false, 1) : in[0].min(false, 1),
                            value,
                            x)
                    .withGradients(HostArray.filled(dy, value.shape()), shares.map(s -> s == 0 ? 0 : s * dy))
                    .withoutSecond());
        }
        return cases;
    }

    /** Three windows in each of 17 channels: all −∞, two NaN, one ∞. */
    static List<SpecialCase> maxPooling() {
        double[] image = {-INF, -INF, 1, NAN, 3, 3, -INF, -INF, NAN, 2, 1, INF};
        double[] gradient = {INF, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, INF};
        double[] maxima = {-INF, NAN, INF};
        double[] ofMaxima = {INF, 2, INF};
        HostArray x = HostArray.compute(Shape.of(1, 17, 2, 6), i -> image[6 * i[2] + i[3]]);
        HostArray dx = HostArray.compute(Shape.of(1, 17, 2, 6), i -> gradient[6 * i[2] + i[3]]);
        HostArray y = HostArray.compute(Shape.of(1, 17, 1, 3), i -> maxima[i[3]]);
        HostArray dy = HostArray.compute(Shape.of(1, 17, 1, 3), i -> ofMaxima[i[3]]);
        Pool2dParameters p = new Pool2dParameters(2, 2, 2, 2, 0, 0);
        return List.of(SpecialCase.of("infinities, NaN, ties", in -> Engine.apply(new MaxPool2dOp(p), in[0]), y, x)
                .withGradients(dy, dx)
                .withoutSecond());
    }

    static List<SpecialCase> dropout(double rate, RandomKey key) {
        HostArray x = HostArray.compute(Shape.of(40), i -> i[0] % 3 == 0 ? NAN : i[0] % 3 == 1 ? INF : 1);
        HostArray dy = HostArray.compute(Shape.of(40), i -> i[0] % 2 == 0 ? INF : -1);
        return List.of(SpecialCase.of(
                        "infinities and NaN dropped",
                        in -> Engine.apply(new DropoutOp(rate, key), in[0]),
                        RandomChecks.dropped(x, rate, key),
                        x)
                .withGradients(dy, RandomChecks.dropped(dy, rate, key))
                .withoutSecond());
    }
}

package org.alborz.examples.lessons;

import java.util.stream.IntStream;
import org.alborz.nn.Layer;
import org.alborz.nn.Model;
import org.alborz.nn.Parameter;
import org.alborz.nn.Pass;
import org.alborz.nn.Structure;
import org.alborz.nn.TrainingStep;
import org.alborz.optim.Optimizer;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.Shape;

/** The function f(x, y) = (x² + 20 y²) / 2, shallow along x and steep along y, as a module whose parameter is the place (x, y). */
record Bowl(Parameter place) implements Layer {
    static final double STEEP = 20;
    static final double[] START = {-9, 1.5};

    Bowl() {
        this(Parameter.of(Shape.of(2), (shape, values, random) -> System.arraycopy(START, 0, values, 0, 2)));
    }

    static double f(double x, double y) {
        return (x * x + STEEP * y * y) / 2;
    }

    /** Returns the factors of x² and y², which are its input. */
    static Tensor factors(Session session) {
        return session.tensor(new double[] {0.5, STEEP / 2});
    }

    @Override
    public void describe(Structure structure) {
        structure.parameter("place", place);
    }

    @Override
    public Tensor forward(Tensor factors, Pass pass) {
        return pass.use(place).square().mul(factors).sum();
    }

    /** Returns x and y before the first step and after each. */
    static double[][] path(Session session, Optimizer optimizer, int steps) {
        double[][] path = new double[2][steps + 1];
        try (Model model = Model.create(session, new Bowl(), 1)) {
            Tensor factors = factors(session);
            for (int t = 0; t <= steps; t++) {
                double[] place = model.parameter("place").value().toDoubles();
                path[0][t] = place[0];
                path[1][t] = place[1];
                try (TrainingStep step = model.step(1, t + 1)) {
                    step.backward(step.forward(factors));
                    optimizer.step(step);
                }
            }
        }
        return path;
    }

    /** Returns x and y where f is a level. */
    static double[][] contour(double level) {
        double[] angles =
                IntStream.rangeClosed(0, 100).mapToDouble(i -> i * Math.PI / 50).toArray();
        double[] x = IntStream.rangeClosed(0, 100)
                .mapToDouble(i -> Math.sqrt(2 * level) * Math.cos(angles[i]))
                .toArray();
        double[] y = IntStream.rangeClosed(0, 100)
                .mapToDouble(i -> Math.sqrt(2 * level / STEEP) * Math.sin(angles[i]))
                .toArray();
        return new double[][] {x, y};
    }
}

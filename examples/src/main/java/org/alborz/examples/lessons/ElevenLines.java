package org.alborz.examples.lessons;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.alborz.autograd.Gradients;
import org.alborz.autograd.Tape;
import org.alborz.examples.drawing.Plot;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.Shape;

/** A whole neural net in eleven lines, with its gradients written by hand. */
final class ElevenLines implements Lesson {
    /** Runs the lesson by itself; takes a backend's name, and {@code auto} without. */
    public static void main(String[] args) throws IOException {
        Course.main(new ElevenLines(), args);
    }

    @Override
    public String name() {
        return "eleven-lines";
    }

    @Override
    public String title() {
        return "A neural net in eleven lines: forward, backward and 60,000 steps";
    }

    @Override
    public void run(Notebook notebook) throws IOException {
        Session session = notebook.session();
        Tensor x = session.tensor(new float[][] {{0, 0, 1}, {0, 1, 1}, {1, 0, 1}, {1, 1, 1}});
        Tensor y = session.tensor(new float[][] {{0}, {1}, {1}, {0}});
        Tensor w0 = session.uniform(Shape.of(3, 4), notebook.seed()).mul(2).sub(1); // from -1 to 1
        Tensor w1 = session.uniform(Shape.of(4, 1), notebook.seed() + 1).mul(2).sub(1);
        compareWithTape(notebook, x, y, w0, w1);

        int steps = notebook.size(6_000, 60_000, 60_000);
        int every = steps / 60;
        List<Double> errors = new ArrayList<>();
        for (int step = 0; step < steps; step++) {
            try (Scope scope = session.scope("step")) {
                // The eleven lines, as the notes have them:
                // l1 = s(X W0), l2 = s(l1 W1), and the slope of s is s (1 - s).
                Tensor l1 = x.matmul(w0).sigmoid();
                Tensor l2 = l1.matmul(w1).sigmoid();
                Tensor error = y.sub(l2);
                Tensor delta2 = error.mul(l2.mul(l2.rsub(1)));
                Tensor delta1 = delta2.matmul(w1.mT()).mul(l1.mul(l1.rsub(1)));
                w1.addInPlace(l1.mT().matmul(delta2));
                w0.addInPlace(x.mT().matmul(delta1));
                if (step % every == 0) {
                    errors.add(error.abs().mean().item());
                }
            }
        }
        float[] output = x.matmul(w0).sigmoid().matmul(w1).sigmoid().toFloats();
        notebook.say("After %,d steps:", steps);
        float[][] rows = x.toRows();
        float[] wanted = y.toFloats();
        for (int i = 0; i < output.length; i++) {
            notebook.say(
                    "  %.0f %.0f %.0f -> %.4f, wanted %.0f", rows[i][0], rows[i][1], rows[i][2], output[i], wanted[i]);
            notebook.exactly("row " + (i + 1) + ", rounded", Math.round(output[i]), Integer.toString((int) wanted[i]));
        }
        double last = y.sub(session.tensor(output, Shape.of(4, 1))).abs().mean().item();
        notebook.claim("the mean error fell to a tenth of the first", last < errors.get(0) / 10);
        double[] at =
                IntStream.range(0, errors.size()).mapToDouble(i -> i * every).toArray();
        double[] of = errors.stream().mapToDouble(error -> error).toArray();
        notebook.picture(
                "error",
                new Plot("Mean error of the four rows", "step", "error")
                        .logarithmic()
                        .line("error", at, of)
                        .draw());
        Tensor one = session.ones(Shape.of(1, 1));
        Plot boundary = Points.boundary(x, wanted, point -> {
            Tensor input =
                    Tensor.concat(1, point, one.expand(Shape.of(point.shape().size(0), 1))); // with the bias
            return input.matmul(w0).sigmoid().matmul(w1).sigmoid();
        });
        notebook.picture("decision-boundary", boundary.draw());
    }

    /** The hand-written deltas are the gradients of the loss sum (y - l2)^2 / 2, with the sign turned. */
    private static void compareWithTape(Notebook notebook, Tensor x, Tensor y, Tensor w0, Tensor w1) {
        Session session = notebook.session();
        try (Scope scope = session.scope("comparison");
                Tape tape = new Tape(session)) {
            Tensor l1 = x.matmul(w0).sigmoid();
            Tensor l2 = l1.matmul(w1).sigmoid();
            Tensor delta2 = y.sub(l2).mul(l2.mul(l2.rsub(1)));
            Tensor delta1 = delta2.matmul(w1.mT()).mul(l1.mul(l1.rsub(1)));
            Tensor watched0 = tape.watch(w0);
            Tensor watched1 = tape.watch(w1);
            Tensor loss = y.sub(x.matmul(watched0).sigmoid().matmul(watched1).sigmoid())
                    .square()
                    .sum()
                    .mul(0.5);
            Gradients gradients = tape.gradients(loss, watched0, watched1);
            double apart0 = gradients
                    .of(watched0)
                    .add(x.mT().matmul(delta1))
                    .abs()
                    .max()
                    .item();
            double apart1 = gradients
                    .of(watched1)
                    .add(l1.mT().matmul(delta2))
                    .abs()
                    .max()
                    .item();
            notebook.claim("a tape's gradients are the deltas written by hand", Math.max(apart0, apart1) < 1e-6);
        }
    }
}

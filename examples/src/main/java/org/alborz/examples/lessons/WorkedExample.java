package org.alborz.examples.lessons;

import java.io.IOException;
import org.alborz.autograd.Gradients;
import org.alborz.autograd.Tape;
import org.alborz.examples.drawing.Plot;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;

/** One step of backpropagation with every number written out. */
final class WorkedExample implements Lesson {
    private static final double RATE = 0.1;
    private static final double TARGET = 1;

    /** Runs the lesson by itself; takes a backend's name, and {@code auto} without. */
    public static void main(String[] args) throws IOException {
        Course.main(new WorkedExample(), args);
    }

    @Override
    public String name() {
        return "worked-example";
    }

    @Override
    public String title() {
        return "Backpropagation through a net of six weights, number by number";
    }

    @Override
    public void run(Notebook notebook) throws IOException {
        Session session = notebook.session();
        Tensor i = session.tensor(new double[] {3, 5});
        // w1 and w2 lead to h1, w3 and w4 to h2, w5 and w6 to the output.
        Tensor hidden = session.tensor(new double[][] {{0.1, 0.2}, {0.3, 0.4}});
        Tensor last = session.tensor(new double[] {0.5, 0.6});

        double[] first = step(session, i, hidden, last);
        notebook.say("Forward: h = W i, y = sigmoid(w5 h1 + w6 h2), loss (y - 1)^2");
        notebook.exactly("output y", first[0], "0.916");
        // 0.0070456: the notes print 0.00704, which cuts it after five digits.
        notebook.about("loss", first[1], 0.00704, 0.00001);

        double[] w = weights(hidden, last);
        notebook.say("");
        notebook.say("Backward, and a step w <- w - 0.1 dL/dw:");
        String[] printed = {"0.101936", "0.203227", "0.302324", "0.403873", "0.501678"};
        for (int k = 0; k < printed.length; k++) {
            notebook.exactly("w" + (k + 1), w[k], printed[k]);
        }
        // The notes print w6 = 0.6187. By the chain rule it is 0.6 - 0.1 * 2(y - 1) y(1 - y) h2
        // with h2 = 3 * 0.3 + 5 * 0.4 = 2.9:
        double y = first[0];
        double byHand = 0.6 - RATE * 2 * (y - TARGET) * y * (1 - y) * 2.9;
        notebook.exactly("w6 (the notes' 0.6187 is a slip)", w[5], "0.60374");
        notebook.claim("w6 is what the chain rule gives by hand", Math.abs(w[5] - byHand) < 1e-6);

        double[] losses = new double[notebook.size(50, 200, 200)];
        losses[0] = first[1];
        for (int k = 1; k < losses.length; k++) {
            losses[k] = step(session, i, hidden, last)[1];
        }
        notebook.say("");
        notebook.say(
                "Loss of steps 1, 2, 3 and %d: %.6f %.6f %.6f %.6f",
                losses.length, losses[0], losses[1], losses[2], losses[losses.length - 1]);
        notebook.claim("each step made the loss smaller", isFalling(losses));
        notebook.picture(
                "loss",
                new Plot("One sample, one step after another", "step", "loss")
                        .line("loss", losses)
                        .draw());
    }

    /** Computes the output and the loss, and then moves the weights against the gradient. */
    private static double[] step(Session session, Tensor i, Tensor hidden, Tensor last) {
        try (Scope scope = session.scope("step");
                Tape tape = new Tape(session)) {
            Tensor w = tape.watch(hidden);
            Tensor v = tape.watch(last);
            Tensor h = w.matmul(i.reshape(2, 1)).flatten(); // (h1, h2) = (i.(w1, w2), i.(w3, w4))
            Tensor y = h.mul(v).sum().sigmoid(); // y = sigmoid(w5 h1 + w6 h2)
            Tensor loss = y.sub(TARGET).square();
            double[] result = {y.item(), loss.item()};
            Gradients gradients = tape.gradients(loss, w, v);
            hidden.subInPlace(gradients.of(w).mul(RATE)); // w <- w - 0.1 dL/dw
            last.subInPlace(gradients.of(v).mul(RATE));
            return result;
        }
    }

    private static double[] weights(Tensor hidden, Tensor last) {
        double[] w = new double[6];
        System.arraycopy(hidden.toDoubles(), 0, w, 0, 4);
        System.arraycopy(last.toDoubles(), 0, w, 4, 2);
        return w;
    }

    private static boolean isFalling(double... losses) {
        for (int k = 1; k < losses.length; k++) {
            if (!(losses[k] < losses[k - 1])) {
                return false;
            }
        }
        return true;
    }
}

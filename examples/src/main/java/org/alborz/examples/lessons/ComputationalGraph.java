package org.alborz.examples.lessons;

import java.io.IOException;
import org.alborz.autograd.Gradients;
import org.alborz.autograd.Tape;
import org.alborz.examples.drawing.Circuit;
import org.alborz.graph.Graph;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;

/** What gates of a computational graph do with gradients. */
final class ComputationalGraph implements Lesson {
    /** Runs the lesson by itself; takes a backend's name, and {@code auto} without. */
    public static void main(String[] args) throws IOException {
        Course.main(new ComputationalGraph(), args);
    }

    @Override
    public String name() {
        return "computational-graph";
    }

    @Override
    public String title() {
        return "Computational graphs: gradients through add, multiply and max gates";
    }

    @Override
    public void run(Notebook notebook) throws IOException {
        twoGates(notebook);
        branchesAndMax(notebook);
        sigmoidNeuron(notebook);
    }

    /** f = (x + y) z: a sum passes its gradient to both inputs, a product the gradient times the other input. */
    private static void twoGates(Notebook notebook) throws IOException {
        Session session = notebook.session();
        notebook.say("f = (x + y) z at x = -2, y = 5, z = -4");
        try (Tape tape = new Tape(session)) {
            Tensor x = tape.watch(session.scalar(-2));
            Tensor y = tape.watch(session.scalar(5));
            Tensor z = tape.watch(session.scalar(-4));
            Tensor q = x.add(y);
            Tensor f = q.mul(z);
            Gradients df = tape.gradients(f, x, y, z, q, f);
            notebook.exactly("f", f.item(), "-12");
            notebook.exactly("df/dx", df.of(x).item(), "-4");
            notebook.exactly("df/dy", df.of(y).item(), "-4");
            notebook.exactly("df/dz", df.of(z).item(), "3");
            Circuit circuit = new Circuit();
            circuit.input("x", x, df.of(x)).input("y", y, df.of(y)).input("z", z, df.of(z));
            circuit.gate("q", "+", q, df.of(q), "x", "y").gate("f", "*", f, df.of(f), "q", "z");
            notebook.picture("two-gates", circuit.draw());
        }
        notebook.say("The engine's own listing of that graph:");
        Tensor x = session.scalar(-2).named("x");
        Tensor y = session.scalar(5).named("y");
        Tensor z = session.scalar(-4).named("z");
        Graph graph = Graph.trace(session, () -> x.add(y).mul(z), x, y, z);
        notebook.say("%s", graph.toString().strip());
    }

    /** f = x y + max(x, z): what branches get is added up, and a max passes its gradient to the larger input. */
    private static void branchesAndMax(Notebook notebook) {
        Session session = notebook.session();
        notebook.say("");
        notebook.say("f = x y + max(x, z) at x = 3, y = -4, z = 2: x is used twice");
        try (Tape tape = new Tape(session)) {
            Tensor x = tape.watch(session.scalar(3));
            Tensor y = tape.watch(session.scalar(-4));
            Tensor z = tape.watch(session.scalar(2));
            Gradients df = tape.gradients(x.mul(y).add(x.maximum(z)), x, y, z);
            notebook.claim("df/dx = y + 1 = -3: both branches add", df.of(x).item() == -3);
            notebook.claim("df/dy = x = 3: the other input", df.of(y).item() == 3);
            notebook.claim("df/dz = 0: z is not the largest", df.of(z).item() == 0);
        }
    }

    /** f = 1 / (1 + e^-(w0 x0 + w1 x1 + w2)), gate by gate, and then as one gate whose slope is f (1 - f). */
    private static void sigmoidNeuron(Notebook notebook) throws IOException {
        Session session = notebook.session();
        notebook.say("");
        notebook.say("Sigmoid neuron, w = (2, -3, -3), x = (-1, -2)");
        try (Tape tape = new Tape(session)) {
            Tensor w0 = tape.watch(session.scalar(2));
            Tensor x0 = tape.watch(session.scalar(-1));
            Tensor w1 = tape.watch(session.scalar(-3));
            Tensor x1 = tape.watch(session.scalar(-2));
            Tensor w2 = tape.watch(session.scalar(-3));
            Tensor a = w0.mul(x0);
            Tensor b = w1.mul(x1);
            Tensor c = a.add(b);
            Tensor dot = c.add(w2);
            Tensor n = dot.neg();
            Tensor e = n.exp();
            Tensor d = e.add(1);
            Tensor f = d.reciprocal();
            Gradients df = tape.gradients(f, w0, x0, w1, x1, w2, a, b, c, dot, n, e, d, f);
            notebook.exactly("f", f.item(), "0.73");
            notebook.exactly("df/dx0", df.of(x0).item(), "0.39");
            notebook.exactly("df/dx1", df.of(x1).item(), "-0.59");
            notebook.exactly("df/dw0", df.of(w0).item(), "-0.20");
            notebook.exactly("df/dw1", df.of(w1).item(), "-0.39");
            notebook.exactly("df/dw2", df.of(w2).item(), "0.20");
            double apart = df.of(dot).item() - f.item() * (1 - f.item());
            notebook.claim("one sigmoid gate has the slope f (1 - f)", Math.abs(apart) < 1e-6);
            Circuit circuit = new Circuit();
            circuit.input("w0", w0, df.of(w0)).input("x0", x0, df.of(x0));
            circuit.input("w1", w1, df.of(w1)).input("x1", x1, df.of(x1));
            circuit.input("w2", w2, df.of(w2));
            circuit.gate("a", "*", a, df.of(a), "w0", "x0").gate("b", "*", b, df.of(b), "w1", "x1");
            circuit.gate("c", "+", c, df.of(c), "a", "b").gate("dot", "+", dot, df.of(dot), "c", "w2");
            circuit.gate("n", "*-1", n, df.of(n), "dot").gate("e", "exp", e, df.of(e), "n");
            circuit.gate("d", "+1", d, df.of(d), "e").gate("f", "1/x", f, df.of(f), "d");
            notebook.picture("sigmoid-neuron", circuit.draw());
        }
    }
}

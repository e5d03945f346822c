package org.alborz.examples.lessons;

import java.util.function.UnaryOperator;
import org.alborz.nn.Activations;
import org.alborz.nn.Dropout;
import org.alborz.nn.Flatten;
import org.alborz.nn.Linear;
import org.alborz.nn.Sequential;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.Shape;

/** The notes' net of three layers, whose two hidden ones have dropout. */
record DropoutNet(Tensor w1, Tensor w2, Tensor w3) {
    /** Returns a net of random weights for 50 inputs, with layers of 100, 100 and 10 units. */
    static DropoutNet of(Session session, long seed) {
        return new DropoutNet(
                weights(session, 50, 100, seed),
                weights(session, 100, 100, seed + 1),
                weights(session, 100, 10, seed + 2));
    }

    private static Tensor weights(Session session, int in, int out, long seed) {
        return session.normal(Shape.of(in, out), seed).mul(Math.sqrt(2.0 / in));
    }

    /** Returns the scores, where {@code dropout} is what is done with the units of a hidden layer. */
    Tensor forward(Tensor x, UnaryOperator<Tensor> dropout) {
        Tensor h1 = dropout.apply(x.matmul(w1).relu()); // H1 = max(0, X W1); H1 *= U1
        Tensor h2 = dropout.apply(h1.matmul(w2).relu()); // H2 = max(0, H1 W2); H2 *= U2
        return h2.matmul(w3);
    }

    /** Returns such a net for images, of the engine's layers. */
    static Sequential layers(double rate) {
        return new Sequential(
                new Flatten(),
                new Linear(3 * 32 * 32, 256),
                Activations.relu(),
                new Dropout(rate),
                new Linear(256, 256),
                Activations.relu(),
                new Dropout(rate),
                new Linear(256, 10));
    }
}

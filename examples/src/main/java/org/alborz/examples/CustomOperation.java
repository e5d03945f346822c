package org.alborz.examples;

import java.util.Arrays;
import org.alborz.autograd.GradientSink;
import org.alborz.autograd.Tape;
import org.alborz.backend.Backend;
import org.alborz.ops.Call;
import org.alborz.ops.CustomOp;
import org.alborz.ops.Engine;
import org.alborz.ops.Op;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.Shape;

/**
 * An operation of one's own with its gradient: swish, {@code y = x·σ(x)} (Ramachandran et al. 2017). It prints the derivative at −1, 0 and 1: {@code [0.07, 0.5, 0.93]}, with more digits.
 */
public final class CustomOperation {
    /** Says what the operation does with its inputs; the engine does the rest. */
    record Swish() implements CustomOp {
        @Override
        public void infer(Call call) {
            call.floating(0);
            call.result(call.shape(0));
        }

        @Override
        public void compute(Backend backend, Call call) {
            call.give(0, call.tensor(0).mul(call.tensor(0).sigmoid()));
        }

        @Override
        public int saves() {
            return Op.input(0); // what the gradient reads
        }

        @Override
        public void gradient(Tensor dy, GradientSink inputs) { // dy · (σ + x·σ·(1 − σ))
            Tensor sigma = inputs.input(0).sigmoid();
            inputs.add(
                    0,
                    dy.mul(sigma.add(inputs.input(0).mul(sigma).mul(sigma.neg().add(1)))));
        }
    }

    /** Takes a backend's name, and {@code auto} without. */
    public static void main(String[] args) {
        try (Session session = Session.open(args.length == 0 ? "auto" : args[0])) {
            System.out.println(Arrays.toString(slopes(session.tensor(new float[] {-1, 0, 1}, Shape.of(3)))));
        }
    }

    static double[] slopes(Tensor at) {
        try (Tape tape = new Tape(at.session())) {
            Tensor x = tape.watch(at);
            return tape.gradients(Engine.apply(new Swish(), x).sum(), x).of(x).toDoubles();
        }
    }
}

package org.alborz.nn;

import org.alborz.backend.UnaryOp;
import org.alborz.tensor.Tensor;

/**
 * A recurrent net whose hidden state is {@code tanh(W·x + U·h + b)}, or with a rectifier, of one or several layers, in one direction or
 * both (Elman 1990). Parameters and their names are PyTorch's ({@code weight_ih_l0}, …), and start uniform in ±1 / √H. The products with
 * the input are computed for all steps at once.
 */
public final class Rnn implements Fresh {
    /** The step with a function after the sum. */
    private record Cell(UnaryOp function) implements RecurrentCell {
        @Override
        public int gates() {
            return 1;
        }

        @Override
        public int states() {
            return 1;
        }

        @Override
        public Tensor[] step(Tensor ofInput, Tensor ofHidden, Tensor... states) {
            return new Tensor[] {ofInput.add(ofHidden).apply(function)};
        }
    }

    private final boolean rectified;

    private final RecurrentStack stack;

    /**
     * Makes one layer in one direction, with biases.
     *
     * @param in the number of features of a step
     * @param hidden the number of hidden units, H
     */
    public Rnn(int in, int hidden) {
        this(RecurrentSettings.of("Rnn", in, hidden), false);
    }

    private Rnn(RecurrentSettings settings, boolean rectified) {
        this.rectified = rectified;
        stack = new RecurrentStack(settings, new Cell(rectified ? UnaryOp.RELU : UnaryOp.TANH));
    }

    /** Returns this net with the given number of layers, each of which reads the output of the one before. */
    public Rnn layers(int count) {
        return new Rnn(stack.settings().layers(count), rectified);
    }

    /** Returns this net in both directions: every layer reads the sequence forwards and backwards, and gives both outputs side by side. */
    public Rnn bidirectional(boolean both) {
        return new Rnn(stack.settings().bidirectional(both), rectified);
    }

    /** Returns this net with or without biases. */
    public Rnn bias(boolean biased) {
        return new Rnn(stack.settings().biased(biased), rectified);
    }

    /** Returns this net with dropout of what one layer gives the next, in training; the rate is in [0, 1). */
    public Rnn dropout(double rate) {
        return new Rnn(stack.settings().dropout(rate), rectified);
    }

    /** Returns this net with a rectifier, or with the hyperbolic tangent, which is the default. */
    public Rnn relu(boolean rectifies) {
        return new Rnn(stack.settings(), rectifies);
    }

    /**
     * What a run gives.
     *
     * @param output the last layer's hidden state after each step, {@code [N, T, directions·H]}; 0 after a sequence's end
     * @param state after the last step of each sequence
     */
    public record Output(Tensor output, Tensor state) {}

    /**
     * Computes the outputs from states of 0.
     *
     * @param x {@code [N, T, in]}
     * @return {@code [N, T, directions·H]}
     */
    @Override
    public Tensor forward(Tensor x, Pass pass) {
        return run(x, null, null, pass).output();
    }

    /**
     * Computes the outputs and the last states.
     *
     * @param x {@code [N, T, in]}
     * @param initial the hidden states {@code [layers·directions, N, H]}; null for 0
     * @param lengths int32 or int64 {@code [N]}: how many steps of each sequence are data, the rest being padding; null where all are
     */
    public Output run(Tensor x, Tensor initial, Tensor lengths, Pass pass) {
        Tensor[] results = stack.run(x, initial == null ? null : new Tensor[] {initial}, lengths, pass);
        return new Output(results[0], results[1]);
    }

    @Override
    public void describe(Structure structure) {
        stack.describe(structure);
    }

    @Override
    public String toString() {
        return stack.settings().toString() + (rectified ? " with relu" : "");
    }
}

package org.alborz.nn;

import org.alborz.ops.Engine;
import org.alborz.ops.GruGates;
import org.alborz.tensor.Tensor;

/**
 * A net of gated recurrent units, of one or several layers, in one direction or both (Cho et al. 2014, with the reset gate after the
 * product, as in PyTorch). With gates {@code r, z = σ(W·x + U·h + b)} and {@code n = tanh(W·x + b + r·(U·h + c))} of weights of their own,
 * a step is {@code h = (1 − z)·n + z·h}. Parameters and their names are PyTorch's ({@code weight_ih_l0}, …), and start uniform in ±1 / √H. The products
 * with the input are computed for all steps at once.
 */
public final class Gru implements Fresh {
    private static final RecurrentCell CELL = new RecurrentCell() {
        @Override
        public int gates() {
            return 3;
        }

        @Override
        public int states() {
            return 1;
        }

        @Override
        public Tensor[] step(Tensor ofInput, Tensor ofHidden, Tensor... states) {
            Tensor[] results = Engine.applyAll(GruGates.INSTANCE, GruGates.RESULTS, ofInput, ofHidden, states[0]);
            results[1].close();
            return new Tensor[] {results[0]};
        }
    };

    private final RecurrentStack stack;

    /**
     * Makes one layer in one direction, with biases.
     *
     * @param in the number of features of a step
     * @param hidden the number of hidden units, H
     */
    public Gru(int in, int hidden) {
        this(RecurrentSettings.of("Gru", in, hidden));
    }

    private Gru(RecurrentSettings settings) {
        stack = new RecurrentStack(settings, CELL);
    }

    /** Returns this net with the given number of layers, each of which reads the output of the one before. */
    public Gru layers(int count) {
        return new Gru(stack.settings().layers(count));
    }

    /** Returns this net in both directions: every layer reads the sequence forwards and backwards, and gives both outputs side by side. */
    public Gru bidirectional(boolean both) {
        return new Gru(stack.settings().bidirectional(both));
    }

    /** Returns this net with or without biases. */
    public Gru bias(boolean biased) {
        return new Gru(stack.settings().biased(biased));
    }

    /** Returns this net with dropout of what one layer gives the next, in training; the rate is in [0, 1). */
    public Gru dropout(double rate) {
        return new Gru(stack.settings().dropout(rate));
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
        return stack.settings().toString();
    }
}

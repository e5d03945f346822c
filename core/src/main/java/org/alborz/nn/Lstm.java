package org.alborz.nn;

import org.alborz.ops.Engine;
import org.alborz.ops.LstmGates;
import org.alborz.ops.LstmOp;
import org.alborz.tensor.Tensor;

/**
 * A long short-term memory, of one or several layers, in one direction or both (Hochreiter and Schmidhuber 1997; Gers et al. 2000).
 * With gates {@code i, f, o = σ(W·x + U·h + b)} and {@code g = tanh(W·x + U·h + b)} of weights of their own, a step is
 * {@code c = f·c + i·g} and {@code h = o·tanh(c)}. Parameters and their names are PyTorch's ({@code weight_ih_l0}, …), and start uniform in ±1 / √H. The products with the input are
 * computed for all steps at once.
 */
public final class Lstm implements Fresh {
    private static final RecurrentCell CELL = new RecurrentCell() {
        @Override
        public int gates() {
            return 4;
        }

        @Override
        public int states() {
            return 2;
        }

        @Override
        public Tensor[] step(Tensor ofInput, Tensor ofHidden, Tensor... states) {
            Tensor[] results = Engine.applyAll(LstmGates.INSTANCE, LstmGates.RESULTS, ofInput, ofHidden, states[1]);
            results[2].close();
            return new Tensor[] {results[0], results[1]};
        }

        @Override
        public boolean hasSequence() {
            return true;
        }

        @Override
        public Tensor sequence(boolean reverse, Tensor sums, Tensor weight, Tensor lengths, Tensor... states) {
            Tensor[] results = LstmOp.apply(reverse, sums, weight, states[0], states[1], lengths);
            states[0] = results[0].select(1, reverse ? 0 : results[0].shape().size(1) - 1);
            states[1] = results[1];
            return results[0];
        }
    };

    private final RecurrentStack stack;

    /**
     * Makes one layer in one direction, with biases.
     *
     * @param in the number of features of a step
     * @param hidden the number of hidden units, H
     */
    public Lstm(int in, int hidden) {
        this(RecurrentSettings.of("Lstm", in, hidden));
    }

    private Lstm(RecurrentSettings settings) {
        stack = new RecurrentStack(settings, CELL);
    }

    /** Returns this net with the given number of layers, each of which reads the output of the one before. */
    public Lstm layers(int count) {
        return new Lstm(stack.settings().layers(count));
    }

    /** Returns this net in both directions: every layer reads the sequence forwards and backwards, and gives both outputs side by side. */
    public Lstm bidirectional(boolean both) {
        return new Lstm(stack.settings().bidirectional(both));
    }

    /** Returns this net with or without biases. */
    public Lstm bias(boolean biased) {
        return new Lstm(stack.settings().biased(biased));
    }

    /** Returns this net with dropout of what one layer gives the next, in training; the rate is in [0, 1). */
    public Lstm dropout(double rate) {
        return new Lstm(stack.settings().dropout(rate));
    }

    /** Returns this net with hidden states that are projected to a smaller size R before the next step (Sak et al. 2014); 0 for none. */
    public Lstm projection(int size) {
        return new Lstm(stack.settings().projection(size));
    }

    /**
     * The states between two steps, of each layer and each direction.
     *
     * @param hidden {@code [layers·directions, N, R]}, R being the size of the projection where there is one, else H
     * @param cell {@code [layers·directions, N, H]}
     */
    public record State(Tensor hidden, Tensor cell) {}

    /**
     * What a run gives.
     *
     * @param output the last layer's hidden state after each step, {@code [N, T, directions·R]}; 0 after a sequence's end
     * @param state after the last step of each sequence
     */
    public record Output(Tensor output, State state) {}

    /**
     * Computes the outputs from states of 0.
     *
     * @param x {@code [N, T, in]}
     * @return {@code [N, T, directions·R]}
     */
    @Override
    public Tensor forward(Tensor x, Pass pass) {
        return run(x, null, null, pass).output();
    }

    /**
     * Computes the outputs and the last states.
     *
     * @param x {@code [N, T, in]}
     * @param initial the hidden states {@code [layers·directions, N, R]} and the cell states {@code [layers·directions, N, H]}; null for 0
     * @param lengths int32 or int64 {@code [N]}: how many steps of each sequence are data, the rest being padding; null where all are
     */
    public Output run(Tensor x, State initial, Tensor lengths, Pass pass) {
        Tensor[] results =
                stack.run(x, initial == null ? null : new Tensor[] {initial.hidden(), initial.cell()}, lengths, pass);
        return new Output(results[0], new State(results[1], results[2]));
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

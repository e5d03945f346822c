package org.alborz.nn;

import java.util.ArrayList;
import java.util.List;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;
import org.alborz.type.Shape;

/** The layers and directions of a recurrent net, and how their states and outputs go on. */
final class RecurrentStack {
    private final RecurrentSettings settings;
    private final RecurrentCell cell;
    private final List<RecurrentDirection> directions = new ArrayList<>();
    private final Dropout dropout;

    RecurrentStack(RecurrentSettings settings, RecurrentCell cell) {
        this.settings = settings;
        this.cell = cell;
        this.dropout = new Dropout(settings.dropout());
        for (int layer = 0; layer < settings.layers(); layer++) {
            directions.add(new RecurrentDirection(settings, cell, layer, false));
            if (settings.bidirectional()) {
                directions.add(new RecurrentDirection(settings, cell, layer, true));
            }
        }
    }

    RecurrentSettings settings() {
        return settings;
    }

    void describe(Structure structure) {
        directions.forEach(direction -> direction.describe(structure));
    }

    /**
     * Computes all layers.
     *
     * @param x {@code [N, T, C]}
     * @param initial the states before the first step, {@code [layers·directions, N, …]} each, in the order of the cell's; null for 0
     * @param lengths int32 or int64 {@code [N]}, or null where no sequence is padded
     * @return the output {@code [N, T, directions·H]}, and the last states as the initial ones
     */
    Tensor[] run(Tensor x, Tensor[] initial, Tensor lengths, Pass pass) {
        require(x, initial, lengths);
        try (Scope scope = x.session().scope(settings.name())) {
            Tensor[] results = steps(pass.input(x, directions.get(0).anyParameter()), initial, lengths, pass);
            for (Tensor result : results) {
                scope.keep(result);
            }
            return results;
        }
    }

    private Tensor[] steps(Tensor x, Tensor[] initial, Tensor lengths, Pass pass) {
        RecurrentDirection.Padding padding =
                lengths == null ? null : padding(lengths, x.shape().size(1));
        Tensor[][] last = new Tensor[cell.states()][directions.size()];
        Tensor input = x;
        Tensor output = null;
        for (int layer = 0; layer < settings.layers(); layer++) {
            Tensor[] sides = new Tensor[settings.directions()];
            for (int side = 0; side < sides.length; side++) {
                int number = layer * sides.length + side;
                Tensor[] states = states(x, initial, number);
                sides[side] = directions.get(number).run(input, states, padding, pass);
                for (int i = 0; i < states.length; i++) {
                    last[i][number] = states[i];
                }
            }
            output = sides.length == 1 ? sides[0] : Tensor.concat(2, sides);
            input = layer == settings.layers() - 1 ? null : dropout.forward(output, pass);
        }
        Tensor[] results = new Tensor[1 + last.length];
        results[0] = output;
        for (int i = 0; i < last.length; i++) {
            results[1 + i] = Tensor.stack(0, last[i]);
        }
        return results;
    }

    /** Returns a direction's states before its first step. */
    private Tensor[] states(Tensor x, Tensor[] initial, int number) {
        Tensor[] states = new Tensor[cell.states()];
        for (int i = 0; i < states.length; i++) {
            states[i] = initial == null
                    ? x.session().zeros(stateShape(i, x.shape().size(0)).remove(0), x.dtype())
                    : initial[i].to(x.dtype()).select(0, number);
        }
        return states;
    }

    private Shape stateShape(int state, int batch) {
        return Shape.of(directions.size(), batch, state == 0 ? settings.output() : settings.hidden());
    }

    private static RecurrentDirection.Padding padding(Tensor lengths, int steps) {
        Tensor whole = lengths.to(DType.INT32);
        Tensor places = lengths.session().arange(steps).reshape(1, steps, 1);
        return new RecurrentDirection.Padding(
                whole, places.lt(whole.reshape(whole.shape().size(0), 1, 1)));
    }

    private void require(Tensor x, Tensor[] initial, Tensor lengths) {
        Shape shape = x.shape();
        if (shape.rank() != 3 || shape.size(2) != settings.in() || shape.size(1) < 1) {
            throw new IllegalArgumentException(settings.name() + " expects input [N, T, " + settings.in()
                    + "] of at least one step, got " + x.describe());
        }
        int batch = shape.size(0);
        if (lengths != null
                && (!lengths.shape().equals(Shape.of(batch))
                        || lengths.dtype() != DType.INT32 && lengths.dtype() != DType.INT64)) {
            throw new IllegalArgumentException(settings.name() + " expects a length, int32 or int64, for each of the "
                    + batch + " sequences, got " + lengths.describe());
        }
        for (int i = 0; initial != null && i < initial.length; i++) {
            if (initial[i] == null || !initial[i].shape().equals(stateShape(i, batch))) {
                throw new IllegalArgumentException(settings.name() + " expects an initial state "
                        + stateShape(i, batch) + " (layers times directions first), got "
                        + (initial[i] == null ? "null" : initial[i].describe()));
            }
        }
    }
}

package org.alborz.tune.cells;

import java.util.ArrayList;
import java.util.List;
import org.alborz.nn.Layer;
import org.alborz.nn.Pass;
import org.alborz.nn.Structure;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Tensor;

/** A cell as a layer: images {@code [N, C, H, W]} to images of the same shape. */
public final class CellLayer implements Layer {
    private final Cell cell;

    /** Two for each node; null for the identity. */
    private final List<Layer> layers = new ArrayList<>();

    public CellLayer(Cell cell, int channels) {
        this.cell = cell;
        for (Cell.Node node : cell.nodes()) {
            layers.add(node.leftOperation().layer(channels));
            layers.add(node.rightOperation().layer(channels));
        }
    }

    @Override
    public Tensor forward(Tensor x, Pass pass) {
        try (Scope scope = x.session().scope("CellLayer")) {
            List<Tensor> values = new ArrayList<>(List.of(x));
            for (int i = 0; i < cell.nodes().size(); i++) {
                Cell.Node node = cell.nodes().get(i);
                Tensor left = apply(2 * i, values.get(node.left()), pass);
                values.add(left.add(apply(2 * i + 1, values.get(node.right()), pass)));
            }
            Tensor sum = null;
            for (int end : cell.looseEnds()) {
                sum = sum == null ? values.get(end) : sum.add(values.get(end));
            }
            return scope.keep(sum);
        }
    }

    private Tensor apply(int index, Tensor x, Pass pass) {
        Layer layer = layers.get(index);
        return layer == null ? x : pass.run(layer, x);
    }

    @Override
    public void describe(Structure structure) {
        for (int i = 0; i < layers.size(); i++) {
            if (layers.get(i) != null) {
                structure.module("node" + (i / 2 + 1) + (i % 2 == 0 ? "_left" : "_right"), layers.get(i));
            }
        }
    }
}

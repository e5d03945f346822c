package org.alborz.tck;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.alborz.ops.Engine;
import org.alborz.ops.LinearOp;
import org.alborz.ops.MatMulOp;
import org.alborz.type.Activation;
import org.alborz.type.Shape;

/** Matrix products and fully connected layers. */
final class MatrixEntries {
    private MatrixEntries() {}

    static List<OpEntry> all() {
        return List.of(
                matmul(),
                batched(),
                linear(Activation.NONE, false),
                linear(Activation.NONE, true),
                linear(Activation.RELU, true),
                linear(Activation.RELU6, true));
    }

    private static OpEntry matmul() {
        List<Sample> samples = new ArrayList<>();
        samples.add(product(true, Shape.of(3, 5), Shape.of(5, 4)));
        samples.add(product(true, Shape.of(1, 1), Shape.of(1, 1)));
        samples.add(product(true, Shape.of(7, 17), Shape.of(17, 3)));
        samples.add(product(true, Shape.of(0, 3), Shape.of(3, 2)));
        samples.add(product(true, Shape.of(2, 0), Shape.of(0, 3)));
        samples.add(product(true, Shape.of(2, 3), Shape.of(3, 0)));
        // Around the sizes of micro-kernels and cache blocks.
        int[][] sizes = {
            {1, 70, 1},
            {1, 33, 65},
            {65, 33, 1},
            {8, 16, 32},
            {9, 17, 33},
            {12, 31, 64},
            {13, 64, 47},
            {16, 1, 16},
            {31, 15, 7},
            {33, 257, 5},
            {64, 64, 64},
            {65, 65, 65},
            {5, 520, 37},
            {130, 3, 129}
        };
        for (int[] s : sizes) {
            samples.add(product(false, Shape.of(s[0], s[1]), Shape.of(s[1], s[2])));
        }
        return LinearSpecials.added(entry("matmul").on(samples), 0, 1);
    }

    private static OpEntry batched() {
        return entry("batched matmul")
                .on(product(true, Shape.of(2, 3, 5), Shape.of(2, 5, 4)))
                .on(product(true, Shape.of(2, 1, 3, 5), Shape.of(3, 5, 2)))
                .on(product(true, Shape.of(3, 5), Shape.of(2, 5, 4)))
                .on(product(true, Shape.of(0, 3, 5), Shape.of(0, 5, 4)))
                .on(product(false, Shape.of(3, 17, 33), Shape.of(1, 33, 9)));
    }

    private static OpEntry entry(String name) {
        return OpEntry.of(name, 2, in -> in[0].matmul(in[1]), in -> multiply(in[0], in[1]))
                .covering(MatMulOp.class);
    }

    private static Sample product(boolean smooth, Shape a, Shape b) {
        HostArray left = HostArray.uniform(51, -1, 1, a);
        HostArray right = HostArray.uniform(52, -1, 1, b);
        return smooth ? Sample.smooth(left, right) : Sample.forward(left, right);
    }

    static HostArray multiply(HostArray a, HostArray b) {
        int depth = a.shape().size(-1);
        int m = a.shape().size(-2);
        int n = b.shape().size(-1);
        Shape batch = Shape.broadcast(batchOf(a.shape()), batchOf(b.shape()));
        HostArray left = a.expand(append(batch, m, depth));
        HostArray right = b.expand(append(batch, depth, n));
        int last = batch.rank() + 1;
        return HostArray.compute(append(batch, m, n), i -> {
            int[] at = i.clone();
            int[] bt = i.clone();
            double sum = 0;
            for (int k = 0; k < depth; k++) {
                at[last] = k;
                bt[last - 1] = k;
                sum += left.at(at) * right.at(bt);
            }
            return sum;
        });
    }

    private static Shape batchOf(Shape shape) {
        return shape.remove(-1).remove(-1);
    }

    private static Shape append(Shape batch, int rows, int columns) {
        return batch.insert(batch.rank(), rows).insert(batch.rank() + 1, columns);
    }

    private static OpEntry linear(Activation activation, boolean biased) {
        String name = "linear" + (biased ? " with bias" : "")
                + (activation == Activation.NONE
                        ? ""
                        : " and " + activation.name().toLowerCase(Locale.ROOT));
        OpEntry entry = OpEntry.of(
                        name,
                        biased ? 3 : 2,
                        in -> Engine.apply(new LinearOp(activation), in[0], in[1], biased ? in[2] : null),
                        in -> {
                            HostArray product = multiply(in[0], in[1].permute(1, 0));
                            HostArray y = biased ? HostArray.broadcast(Double::sum, product, in[2]) : product;
                            return ConvolutionOracle.activated(activation, y);
                        })
                .covering(LinearOp.class)
                .withContiguous(2)
                .on(layer(true, biased, 4, 5, 3), layer(true, biased, 1, 17, 9), layer(true, biased, 0, 5, 3));
        for (int[] s : new int[][] {{7, 33, 10}, {31, 70, 17}, {65, 3, 129}, {1, 257, 1}}) {
            entry = entry.on(layer(false, biased, s[0], s[1], s[2]));
        }
        return activation == Activation.NONE && biased ? LinearSpecials.added(entry, 0, 1, 2) : entry;
    }

    private static Sample layer(boolean smooth, boolean biased, int n, int in, int out) {
        HostArray x = HostArray.uniform(53, -1, 1, Shape.of(n, in));
        HostArray w = HostArray.uniform(54, -1, 1, Shape.of(out, in));
        HostArray[] inputs =
                biased ? new HostArray[] {x, w, HostArray.uniform(55, -1, 1, Shape.of(out))} : new HostArray[] {x, w};
        return smooth ? Sample.smooth(inputs) : Sample.forward(inputs);
    }
}

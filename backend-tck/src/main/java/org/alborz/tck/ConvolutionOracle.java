package org.alborz.tck;

import org.alborz.type.Activation;
import org.alborz.type.Conv2dParameters;
import org.alborz.type.Shape;

/** Convolution and its gradients by their definition: one loop over every product of an input and a weight. */
final class ConvolutionOracle {
    private ConvolutionOracle() {}

    /** Takes the places of one product: output [n, o, i, j], input [n, c, row, column] and weight [o, channel in group, u, v]. */
    private interface Product {
        void at(int[] y, int[] x, int[] w);
    }

    private static void forEachProduct(Conv2dParameters p, Shape x, Shape w, Shape y, Product action) {
        int groupChannels = w.size(1);
        int groupOutputs = w.size(0) / p.groups();
        Shape filter = Shape.of(groupChannels, w.size(2), w.size(3));
        int[] xAt = new int[4];
        int[] wAt = new int[4];
        HostArray.forEachIndex(
                y,
                yAt -> HostArray.forEachIndex(filter, f -> {
                    xAt[0] = yAt[0];
                    xAt[1] = yAt[1] / groupOutputs * groupChannels + f[0];
                    xAt[2] = yAt[2] * p.strideH() - p.padding().top() + f[1] * p.dilationH();
                    xAt[3] = yAt[3] * p.strideW() - p.padding().left() + f[2] * p.dilationW();
                    if (xAt[2] >= 0 && xAt[2] < x.size(2) && xAt[3] >= 0 && xAt[3] < x.size(3)) {
                        wAt[0] = yAt[1];
                        System.arraycopy(f, 0, wAt, 1, 3);
                        action.at(yAt, xAt, wAt);
                    }
                }));
    }

    static HostArray forward(
            Conv2dParameters p, HostArray x, HostArray w, HostArray bias, HostArray addend, Activation activation) {
        int h = p.outputH(x.shape().size(2), w.shape().size(2));
        int wide = p.outputW(x.shape().size(3), w.shape().size(3));
        Shape shape = Shape.of(x.shape().size(0), w.shape().size(0), h, wide);
        HostArray y =
                HostArray.compute(shape, i -> (bias == null ? 0 : bias.at(i[1])) + (addend == null ? 0 : addend.at(i)));
        forEachProduct(p, x.shape(), w.shape(), shape, (yAt, xAt, wAt) -> y.add(x.at(xAt) * w.at(wAt), yAt));
        return activated(activation, y);
    }

    /** Returns what an activation makes of a result. */
    static HostArray activated(Activation activation, HostArray y) {
        return switch (activation) {
            case NONE -> y;
            case RELU -> y.map(v -> Math.max(v, 0));
            case RELU6 -> y.map(v -> Math.min(Math.max(v, 0), 6));
        };
    }

    static HostArray backwardData(Conv2dParameters p, HostArray dy, HostArray w, Shape images) {
        HostArray dx = HostArray.filled(0, images);
        forEachProduct(p, images, w.shape(), dy.shape(), (yAt, xAt, wAt) -> dx.add(dy.at(yAt) * w.at(wAt), xAt));
        return dx;
    }

    static HostArray backwardFilter(Conv2dParameters p, HostArray x, HostArray dy, Shape filters) {
        HostArray dw = HostArray.filled(0, filters);
        forEachProduct(p, x.shape(), filters, dy.shape(), (yAt, xAt, wAt) -> dw.add(x.at(xAt) * dy.at(yAt), wAt));
        return dw;
    }
}

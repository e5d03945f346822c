package org.alborz.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.util.ArrayList;
import java.util.List;
import org.alborz.backend.PackedWeights;
import org.alborz.ops.Conv2dOp;
import org.alborz.random.RandomKey;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.Activation;
import org.alborz.type.Conv2dParameters;
import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Shape;
import org.junit.jupiter.api.DynamicNode;

/** Convolutions and products of packed weights have the bits of those that take the weights as they are. */
final class PackedWeightsChecks {
    /** Images, channels in and out, height and width, kernel, stride, padding, groups. */
    private static final int[][] CONVOLUTIONS = {
        {2, 16, 16, 16, 3, 1, 1, 1},
        {3, 17, 9, 13, 3, 1, 1, 1},
        {1, 8, 33, 32, 3, 1, 0, 1},
        {1, 3, 17, 11, 3, 1, 1, 1},
        {2, 5, 16, 9, 3, 2, 1, 1},
        {2, 6, 10, 7, 3, 1, 1, 2},
        {2, 12, 20, 7, 1, 1, 0, 4},
        {4, 33, 15, 5, 1, 2, 0, 1},
        {1, 4, 8, 6, 5, 1, 2, 4},
        {0, 3, 5, 8, 3, 1, 1, 1}
    };

    /** Rows, terms and columns. */
    private static final int[][] PRODUCTS = {
        {3, 1, 1},
        {8, 7, 10},
        {5, 33, 31},
        {17, 512, 64},
        {4, 513, 33},
        {70, 1100, 65},
        {3, 40, 2100},
        {2100, 600, 5},
        {8, 0, 5},
        {0, 4, 5}
    };

    private final Sessions sessions;

    PackedWeightsChecks(Sessions sessions) {
        this.sessions = sessions;
    }

    List<DynamicNode> all() {
        List<DynamicNode> tests = new ArrayList<>();
        for (int[] c : CONVOLUTIONS) {
            String name = c[0] + "x" + c[1] + "→" + c[2] + ", " + c[3] + "², kernel " + c[4] + ", stride " + c[5]
                    + ", padding " + c[6] + ", groups " + c[7];
            tests.add(dynamicTest("PackedWeights / convolution " + name, () -> convolution(c)));
        }
        for (int[] p : PRODUCTS) {
            String name = p[0] + "x" + p[1] + "x" + p[2];
            tests.add(dynamicTest("PackedWeights / product " + name, () -> product(p[0], p[1], p[2])));
        }
        return tests;
    }

    private void convolution(int[] c) {
        sessions.run(DType.FLOAT32, session -> {
            PackedWeights packing = FusionChecks.offered(session, PackedWeights.class);
            Conv2dParameters p = new Conv2dParameters(c[5], c[5], c[6], c[6], 1, 1, c[7]);
            Tensor x = drawn(session, 1, c[0], c[1], c[3], c[3]);
            Tensor w = drawn(session, 2, c[2], c[1] / c[7], c[4], c[4]);
            Tensor bias = drawn(session, 3, c[2]);
            Shape shape = Conv2dOp.resultShape(x.shape(), w.shape(), p);
            Tensor images = x.to(Layout.channelsLast(x.shape()));
            Tensor filters = w.to(session.backend().weightLayout(w.shape()));
            Tensor addend = drawn(session, 4, shape.toArray()).to(Layout.channelsLast(shape));
            PackedWeights.Form form = packing.form(p, x.shape(), filters, shape);
            if (form == null) {
                return;
            }
            Tensor packed = packed(session, form);
            packing.pack(p, x.shape(), filters, shape, packed);
            Tensor expected = session.empty(DType.FLOAT32, Layout.channelsLast(shape));
            Tensor actual = session.empty(DType.FLOAT32, Layout.channelsLast(shape));
            for (Activation activation : Activation.values()) {
                for (Tensor more : new Tensor[] {null, addend}) {
                    session.backend().convolution().forward(p, images, filters, bias, more, activation, expected);
                    packing.convolve(p, images, filters, packed, bias, more, activation, actual);
                    assertThat(actual.toFloats()).containsExactly(expected.toFloats());
                }
            }
        });
    }

    private void product(int rows, int terms, int columns) {
        sessions.run(DType.FLOAT32, session -> {
            PackedWeights packing = FusionChecks.offered(session, PackedWeights.class);
            Tensor a = drawn(session, 1, rows, terms);
            Tensor bias = drawn(session, 3, columns);
            Tensor expected = session.empty(DType.FLOAT32, Layout.rowMajor(Shape.of(rows, columns)));
            Tensor actual = session.empty(DType.FLOAT32, Layout.rowMajor(Shape.of(rows, columns)));
            for (Tensor b : new Tensor[] {
                drawn(session, 2, terms, columns),
                drawn(session, 2, columns, terms).transpose(0, 1)
            }) {
                PackedWeights.Form form = packing.form(a.shape(), b);
                if (form == null) {
                    continue;
                }
                Tensor packed = packed(session, form);
                packing.pack(b, packed);
                for (Activation activation : Activation.values()) {
                    session.backend().matMul().multiply(a, b, bias, activation, expected);
                    packing.multiply(a, b, packed, bias, activation, actual);
                    assertThat(actual.toFloats()).containsExactly(expected.toFloats());
                }
            }
        });
    }

    /** Returns memory for packed weights that does not begin its buffer. */
    private static Tensor packed(Session session, PackedWeights.Form form) {
        int size = Math.toIntExact(form.elements());
        return session.empty(DType.FLOAT32, Layout.rowMajor(Shape.of(size + 3))).slice(0, 3, size + 3, 1);
    }

    private static Tensor drawn(Session session, int stream, int... sizes) {
        return session.uniform(new RandomKey(11, stream, 0), Shape.of(sizes)).sub(0.5);
    }
}

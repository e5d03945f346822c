package org.alborz.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.alborz.backend.BinaryOp;
import org.alborz.nn.GlobalAvgPool2d;
import org.alborz.nn.GlobalMaxPool2d;
import org.alborz.nn.Layer;
import org.alborz.nn.Pass;
import org.alborz.random.RandomKey;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.Activation;
import org.alborz.type.Conv2dParameters;
import org.alborz.type.DType;
import org.alborz.type.Pool2dParameters;
import org.alborz.type.Shape;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Operations refuse wrong arguments with what they expected and what they got, and before the backend is called. */
class ArgumentsTest {
    private Session session;

    @BeforeEach
    void open() {
        session = Session.open("cpu-scalar");
    }

    @AfterEach
    void close() {
        session.close();
    }

    private Tensor ones(int... sizes) {
        return session.ones(Shape.of(sizes));
    }

    private static void refused(ThrowingCallable call, String... parts) {
        assertThatIllegalArgumentException()
                .isThrownBy(call)
                .satisfies(e -> assertThat(e).hasMessageContainingAll(parts));
    }

    private Tensor convolve(Tensor x, Tensor w, Tensor bias) {
        return Engine.apply(new Conv2dOp(Conv2dParameters.defaults(), Activation.NONE), x, w, bias, null);
    }

    @Test
    void convolution() {
        Tensor w = ones(4, 3, 3, 3);
        refused(() -> convolve(ones(8, 1, 28, 28), w, null), "Conv2d", "[N, 3, H, W]", "[8, 1, 28, 28]");
        refused(() -> convolve(ones(8, 3), w, null), "[N, 3, H, W]", "[8, 3]");
        refused(() -> convolve(ones(8, 3, 2, 9), w, null), "3x3", "does not fit", "[8, 3, 2, 9]");
        refused(() -> convolve(ones(1, 3, 4, 4), w, ones(5)), "bias [4]", "[5]");
        refused(() -> convolve(ones(1, 3, 4, 4), w, ones(4, 2).narrow(1, 0, 1).reshape(4)), "contiguous bias [4]");
        refused(() -> convolve(ones(1, 3, 4, 4), ones(4, 3), null), "weight", "[4, 3]");
    }

    @Test
    void linearAndMatrixProduct() {
        refused(
                () -> Engine.apply(new LinearOp(Activation.NONE), ones(2, 5), ones(3, 4), null),
                "Linear",
                "[N, 4]",
                "[2, 5]");
        refused(() -> ones(2, 3).matmul(ones(4, 5)), "matmul", "[2, 3]", "[4, 5]");
        refused(() -> ones(3).matmul(ones(3, 5)), "[..., M, K]", "[3]");
        refused(() -> ones(2, 3, 4).matmul(ones(3, 4, 5)), "broadcast");
    }

    @Test
    void batchNorm() {
        refused(
                () -> Engine.apply(new BatchNormOp(1e-5), ones(4, 3), ones(2), ones(2)),
                "BatchNorm",
                "[N, 2]",
                "[4, 3]");
        refused(
                () -> Engine.apply(new BatchNormOp(1e-5), ones(1, 3), ones(3), ones(3)),
                "two values a channel",
                "dropLast");
        refused(() -> Engine.apply(new BatchNormOp(1e-5), ones(4, 3), ones(3), ones(2)), "beta [3]", "[2]");
        Tensor everySecond = Engine.apply(new Narrow(0, 0, 3, 2), ones(6));
        refused(() -> Engine.apply(new BatchNormOp(1e-5), ones(4, 3), everySecond, ones(3)), "contiguous gamma [3]");
        refused(() -> Engine.apply(new BatchNormOp(1e-5), ones(4, 3), ones(3), everySecond), "contiguous beta [3]");
    }

    @Test
    void pooling() {
        Pool2dParameters p = new Pool2dParameters(3, 3, 1, 1, 0, 0);
        refused(() -> Engine.apply(new MaxPool2dOp(p), ones(4, 3)), "MaxPool2d", "[N, C, H, W]", "[4, 3]");
        refused(() -> Engine.apply(new MaxPool2dOp(p), ones(1, 1, 2, 5)), "3x3", "does not fit", "[1, 1, 2, 5]");
        refused(() -> new Pool2dParameters(2, 2, 1, 1, 2, 0), "half the kernel 2x2", "2x0");
    }

    @Test
    void globalPooling() {
        Layer average = new GlobalAvgPool2d();
        Layer max = new GlobalMaxPool2d();
        for (Tensor wrong : new Tensor[] {ones(4, 3), ones(2, 3, 4), ones(1, 2, 3, 4, 5)}) {
            String shape = wrong.shape().toString();
            refused(() -> average.forward(wrong, Pass.evaluation()), "GlobalAvgPool2d", "[N, C, H, W]", shape);
            refused(() -> max.forward(wrong, Pass.evaluation()), "GlobalMaxPool2d", "[N, C, H, W]", shape);
        }
        for (Tensor empty : new Tensor[] {ones(1, 2, 0, 3), ones(1, 2, 3, 0)}) {
            String shape = empty.shape().toString();
            refused(() -> average.forward(empty, Pass.evaluation()), "GlobalAvgPool2d", "at least one pixel", shape);
            refused(() -> max.forward(empty, Pass.evaluation()), "GlobalMaxPool2d", "at least one pixel", shape);
        }
    }

    @Test
    void crossEntropyAndDropout() {
        Tensor labels = session.tensor(new int[] {0, 1}, Shape.of(2));
        refused(() -> Engine.apply(new CrossEntropy(0), ones(3, 4), labels), "3 rows", "[2]");
        refused(() -> Engine.apply(new CrossEntropy(0), ones(3), labels), "logits", "[N, C]");
        refused(() -> Engine.apply(new CrossEntropy(0), ones(2, 4), ones(2)), "int32", "float32");
        refused(() -> Engine.apply(new CrossEntropy(1), ones(2, 4), labels), "label smoothing", "1.0");
        refused(() -> Engine.apply(new DropoutOp(1, new RandomKey(1, 1, 1)), ones(2)), "rate in [0, 1)", "1.0");
    }

    @Test
    void elementwise() {
        refused(() -> ones(2, 3).add(ones(4)), "[2, 3]", "[4]", "broadcast");
        refused(() -> ones(2).add(ones(2).to(DType.FLOAT64)), "one data type", "float32", "float64", "to(DType)");
        refused(() -> session.tensor(new int[] {1}, Shape.of(1)).apply(BinaryOp.ADD, ones(1)), "data type");
        refused(() -> session.tensor(new int[] {1}, Shape.of(1)).relu(), "floating", "int32");
        try (Session other = Session.open("cpu-scalar")) {
            refused(() -> ones(2).add(other.ones(Shape.of(2))), "two sessions");
        }
    }

    @Test
    void shapes() {
        refused(() -> ones(2, 3).reshape(4, -1), "-1", "6 elements");
        refused(() -> ones(2, 3).reshape(7), "6 elements", "[7]");
        refused(() -> ones(2, 3).narrow(1, 2, 2), "axis 1", "[2, 3]");
        refused(() -> Tensor.concat(0, ones(2, 3), ones(2, 4)), "concat", "[2, 3]", "[2, 4]");
        refused(() -> ones(0, 3).max(false, 0), "no elements");
        refused(() -> ones(2, 0).argMax(1), "no elements");
        refused(() -> session.tensor(new float[5], Shape.of(2, 3)), "5");
    }
}

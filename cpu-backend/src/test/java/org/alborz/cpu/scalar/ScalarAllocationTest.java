package org.alborz.cpu.scalar;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import org.alborz.backend.Backend;
import org.alborz.backend.BackendOptions;
import org.alborz.backend.BinaryOp;
import org.alborz.backend.Buffer;
import org.alborz.backend.ReduceOp;
import org.alborz.backend.UnaryOp;
import org.alborz.cpu.memory.CpuBuffer;
import org.alborz.random.RandomKey;
import org.alborz.type.Activation;
import org.alborz.type.Conv2dParameters;
import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Pool2dParameters;
import org.alborz.type.Shape;
import org.junit.jupiter.api.Test;

/** Holds that operations allocate a few small objects a call at most, never something an element or an image. */
class ScalarAllocationTest {
    private static final long BYTES_PER_CALL = 1024;

    private final Backend backend = new ScalarBackend(BackendOptions.defaults());
    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private final Tensor x = image(16, 8, 8, 8);
    private final Tensor y = image(16, 8, 8, 8);
    private final Tensor channels = image(1, 8, 1, 1);
    private final Tensor halved = image(16, 8, 4, 4);
    private final Tensor filter = tensor(Layout.filter(Shape.of(8, 8, 3, 3)));
    private final Tensor bias = tensor(Layout.rowMajor(Shape.of(8)));
    private final Tensor matrix = tensor(Layout.rowMajor(Shape.of(64, 64)));
    private final Tensor product = tensor(Layout.rowMajor(Shape.of(64, 64)));
    private final Tensor indices =
            new Tensor((CpuBuffer) backend.allocate(DType.INT32, 64), Layout.rowMajor(Shape.of(64)));

    private Tensor image(int... sizes) {
        return tensor(Layout.channelsLast(Shape.of(sizes)));
    }

    private Tensor tensor(Layout layout) {
        Buffer buffer = backend.allocate(DType.FLOAT32, layout.shape().elements());
        return new Tensor((CpuBuffer) buffer, layout);
    }

    @Test
    void operationsAllocateNextToNothing() {
        Conv2dParameters convolution = new Conv2dParameters(1, 1, 1, 1, 1, 1, 1);
        Pool2dParameters pooling = new Pool2dParameters(2, 2, 2, 2, 0, 0);
        RandomKey key = new RandomKey(1, 2, 3);
        check("unary", () -> backend.elementwise().unary(UnaryOp.ADD, 1, x, y));
        check("binary", () -> backend.elementwise().binary(BinaryOp.ADD, x, y, y));
        check("copy", () -> backend.elementwise().copy(x, y));
        check("reduce", () -> backend.reductions().reduce(ReduceOp.SUM, x, channels));
        check("multiply", () -> backend.matMul().multiply(matrix, matrix, null, Activation.RELU, product));
        check("forward", () -> backend.convolution().forward(convolution, x, filter, bias, null, Activation.RELU, y));
        check("backwardData", () -> backend.convolution().backwardData(convolution, y, filter, x));
        check("backwardFilter", () -> backend.convolution().backwardFilter(convolution, x, y, filter));
        check("max", () -> backend.pooling().max(pooling, x, halved));
        check("maxBackward", () -> backend.pooling().maxBackward(pooling, x, halved, halved, y));
        check("average", () -> backend.pooling().average(pooling, x, halved));
        check("averageBackward", () -> backend.pooling().averageBackward(pooling, halved, y));
        check(
                "batchNorm",
                () -> backend.normalization().batchNorm(1, x, bias, bias, null, Activation.NONE, y, bias, bias));
        check("logSoftmax", () -> backend.softmax().logSoftmax(matrix, product));
        check("gather", () -> backend.indexing().gather(0, matrix, indices, product));
        check("scatterAdd", () -> backend.indexing().scatterAdd(0, matrix, indices, product));
        // Not normal, which only draws initial weights: StrictMath itself allocates on some JDKs.
        check("uniform", () -> backend.randomFill().uniform(key, matrix));
        check("allocate", () -> backend.free(backend.allocate(DType.FLOAT64, 1000)));
    }

    private void check(String what, Runnable operation) {
        operation.run();
        operation.run();
        int calls = 4;
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < calls; i++) {
            operation.run();
        }
        long bytes = (threads.getCurrentThreadAllocatedBytes() - before) / calls;
        assertThat(bytes).as("bytes allocated by " + what).isLessThan(BYTES_PER_CALL);
    }
}

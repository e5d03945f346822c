package org.alborz.cuda.ops;

import org.alborz.backend.Operand;
import org.alborz.backend.Pool2dParameters;
import org.alborz.backend.Pooling;
import org.alborz.cuda.dnn.Dnn;
import org.alborz.cuda.dnn.PlanCache;
import org.alborz.cuda.dnn.PoolingKey;
import org.alborz.cuda.dnn.PoolingPlan;
import org.alborz.cuda.driver.Launcher;
import org.alborz.type.Shape;

/**
 * The largest elements by cuDNN. Kernels of ours do float64, which cuDNN does not take with channels last; averages, as cuDNN does not
 * promise that the sum of a window may be beyond the type; and the gradients: cuDNN does not promise which of several equal elements
 * counts as the largest, where the engine promises the first.
 */
final class CudaPooling implements Pooling, AutoCloseable {
    private static final int PER_BLOCK = 256;

    private final LaunchContext context;
    private final PlanCache<PoolingKey, PoolingPlan> plans;
    private final TypedKernel max;
    private final TypedKernel maxBackward;
    private final TypedKernel maxGather;
    private final TypedKernel average;
    private final TypedKernel averageBackward;

    CudaPooling(LaunchContext context, Dnn dnn) {
        this.context = context;
        plans = new PlanCache<>(key -> new PoolingPlan(dnn, key));
        max = context.kernel("max_pool");
        maxBackward = context.kernel("max_pool_backward");
        maxGather = context.kernel("max_pool_gather");
        average = context.kernel("average_pool");
        averageBackward = context.kernel("average_pool_backward");
    }

    @Override
    public void max(Pool2dParameters p, Operand x, Operand y) {
        if (Operands.elements(y) == 0) {
            return;
        }
        boolean done = Dnn.serves(x.dtype())
                && Dnn.serves(p)
                && plan(p, x, y).forward(Operands.pointer(x), Operands.pointer(y));
        if (!done) {
            begin(max, x, y);
            finish(p, x.shape(), y.shape(), Operands.elements(y));
        }
    }

    @Override
    public void average(Pool2dParameters p, Operand x, Operand y) {
        if (Operands.elements(y) > 0) {
            begin(average, x, y);
            finish(p, x.shape(), y.shape(), Operands.elements(y));
        }
    }

    private PoolingPlan plan(Pool2dParameters p, Operand x, Operand y) {
        return plans.of(new PoolingKey(x.dtype(), p, x.shape(), y.shape()));
    }

    @Override
    public void maxBackward(Pool2dParameters p, Operand x, Operand y, Operand dy, Operand dx) {
        if (Operands.elements(dx) > 0) {
            begin(maxBackward, x, y).address(Operands.address(dy)).address(Operands.address(dx));
            finish(p, x.shape(), y.shape(), Operands.elements(dx));
        }
    }

    @Override
    public void maxGather(Pool2dParameters p, Operand x, Operand y, Operand source, Operand picked) {
        if (Operands.elements(picked) > 0) {
            begin(maxGather, x, y).address(Operands.address(source)).address(Operands.address(picked));
            finish(p, x.shape(), y.shape(), Operands.elements(picked));
        }
    }

    @Override
    public void averageBackward(Pool2dParameters p, Operand dy, Operand dx) {
        if (Operands.elements(dx) > 0) {
            begin(averageBackward, dy, dx);
            finish(p, dx.shape(), dy.shape(), Operands.elements(dx));
        }
    }

    private Launcher begin(TypedKernel kernel, Operand first, Operand second) {
        return context.launch(kernel.of(first.dtype()))
                .address(Operands.address(first))
                .address(Operands.address(second));
    }

    private void finish(Pool2dParameters p, Shape x, Shape y, long work) {
        Operands.requireCountable("Pooling", x);
        Operands.requireCountable("Pooling", y);
        context.launcher()
                .integers(
                        x.size(0),
                        x.size(1),
                        x.size(2),
                        x.size(3),
                        y.size(2),
                        y.size(3),
                        p.kernelH(),
                        p.kernelW(),
                        p.strideH(),
                        p.strideW(),
                        p.paddingH(),
                        p.paddingW());
        context.run(work, PER_BLOCK);
    }

    @Override
    public void close() {
        plans.close();
    }
}

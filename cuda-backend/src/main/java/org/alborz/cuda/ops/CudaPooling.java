package org.alborz.cuda.ops;

import org.alborz.backend.Operand;
import org.alborz.backend.Pooling;
import org.alborz.cuda.dnn.Dnn;
import org.alborz.cuda.dnn.PlanCache;
import org.alborz.cuda.dnn.PoolingKey;
import org.alborz.cuda.dnn.PoolingPlan;
import org.alborz.type.Activation;
import org.alborz.type.Pool2dParameters;
import org.alborz.type.Shape;

/**
 * The largest elements by cuDNN. Our own kernels do float64, which cuDNN does not take with channels last; averages, as cuDNN does not
 * promise that the sum of a window may be beyond the type; and the gradients: cuDNN does not promise which of several equal elements
 * counts as the largest, where the engine promises the first.
 */
final class CudaPooling implements Pooling, AutoCloseable {
    private static final int PER_BLOCK = 256;

    private final LaunchContext context;
    private final PlanCache<PoolingKey, PoolingPlan> plans;

    CudaPooling(LaunchContext context, Dnn dnn) {
        this.context = context;
        plans = new PlanCache<>(key -> new PoolingPlan(dnn, key));
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
            Shape from = x.shape();
            Shape into = y.shape();
            requireCountable(from, into);
            context.kernels()
                    .maxPool(
                            x.dtype(),
                            x,
                            y,
                            from.size(0),
                            from.size(1),
                            from.size(2),
                            from.size(3),
                            into.size(2),
                            into.size(3),
                            p.kernelH(),
                            p.kernelW(),
                            p.strideH(),
                            p.strideW(),
                            p.padding().top(),
                            p.padding().left(),
                            p.dilationH(),
                            p.dilationW(),
                            begin(p, p.padding().top()),
                            begin(p, p.padding().left()),
                            end(p, from.size(2), p.padding().bottom()),
                            end(p, from.size(3), p.padding().right()),
                            p.dividesEvenly() ? 1 : 0);
            context.run(Operands.elements(y), PER_BLOCK);
        }
    }

    @Override
    public void average(Pool2dParameters p, Operand x, Operand y) {
        if (Operands.elements(y) > 0) {
            Shape from = x.shape();
            Shape into = y.shape();
            requireCountable(from, into);
            context.kernels()
                    .averagePool(
                            x.dtype(),
                            x,
                            y,
                            from.size(0),
                            from.size(1),
                            from.size(2),
                            from.size(3),
                            into.size(2),
                            into.size(3),
                            p.kernelH(),
                            p.kernelW(),
                            p.strideH(),
                            p.strideW(),
                            p.padding().top(),
                            p.padding().left(),
                            p.dilationH(),
                            p.dilationW(),
                            begin(p, p.padding().top()),
                            begin(p, p.padding().left()),
                            end(p, from.size(2), p.padding().bottom()),
                            end(p, from.size(3), p.padding().right()),
                            p.dividesEvenly() ? 1 : 0);
            context.run(Operands.elements(y), PER_BLOCK);
        }
    }

    private PoolingPlan plan(Pool2dParameters p, Operand x, Operand y) {
        return plans.of(new PoolingKey(x.dtype(), p, x.shape(), y.shape()));
    }

    @Override
    public void maxBackward(Pool2dParameters p, Operand x, Operand y, Operand dy, Operand dx) {
        if (Operands.elements(dx) > 0) {
            Shape from = x.shape();
            Shape into = y.shape();
            requireCountable(from, into);
            context.kernels()
                    .maxPoolBackward(
                            x.dtype(),
                            x,
                            y,
                            dy,
                            dx,
                            from.size(0),
                            from.size(1),
                            from.size(2),
                            from.size(3),
                            into.size(2),
                            into.size(3),
                            p.kernelH(),
                            p.kernelW(),
                            p.strideH(),
                            p.strideW(),
                            p.padding().top(),
                            p.padding().left(),
                            p.dilationH(),
                            p.dilationW(),
                            begin(p, p.padding().top()),
                            begin(p, p.padding().left()),
                            end(p, from.size(2), p.padding().bottom()),
                            end(p, from.size(3), p.padding().right()),
                            p.dividesEvenly() ? 1 : 0);
            context.run(Operands.elements(dx), PER_BLOCK);
        }
    }

    /** Writes the arguments of the kernel that {@link CudaBiasGradient} launches: the gradients of images x after an activation and of its bias. */
    void maxBiasBackward(
            Activation activation,
            Pool2dParameters p,
            Operand x,
            Operand y,
            Operand dy,
            Operand dz,
            Operand partial,
            Operand dbias,
            FinishedBlocks finished,
            int parts) {
        Shape from = x.shape();
        Shape into = y.shape();
        requireCountable(from, into);
        context.kernels()
                .maxPoolBiasBackward(
                        x.dtype(),
                        activation,
                        x,
                        y,
                        dy,
                        dz,
                        partial,
                        dbias,
                        finished,
                        from.size(0),
                        from.size(1),
                        from.size(2),
                        from.size(3),
                        into.size(2),
                        into.size(3),
                        p.kernelH(),
                        p.kernelW(),
                        p.strideH(),
                        p.strideW(),
                        p.padding().top(),
                        p.padding().left(),
                        p.dilationH(),
                        p.dilationW(),
                        begin(p, p.padding().top()),
                        begin(p, p.padding().left()),
                        end(p, from.size(2), p.padding().bottom()),
                        end(p, from.size(3), p.padding().right()),
                        p.dividesEvenly() ? 1 : 0,
                        parts);
    }

    @Override
    public void maxGather(Pool2dParameters p, Operand x, Operand y, Operand source, Operand picked) {
        if (Operands.elements(picked) > 0) {
            Shape from = x.shape();
            Shape into = y.shape();
            requireCountable(from, into);
            context.kernels()
                    .maxPoolGather(
                            x.dtype(),
                            x,
                            y,
                            source,
                            picked,
                            from.size(0),
                            from.size(1),
                            from.size(2),
                            from.size(3),
                            into.size(2),
                            into.size(3),
                            p.kernelH(),
                            p.kernelW(),
                            p.strideH(),
                            p.strideW(),
                            p.padding().top(),
                            p.padding().left(),
                            p.dilationH(),
                            p.dilationW(),
                            begin(p, p.padding().top()),
                            begin(p, p.padding().left()),
                            end(p, from.size(2), p.padding().bottom()),
                            end(p, from.size(3), p.padding().right()),
                            p.dividesEvenly() ? 1 : 0);
            context.run(Operands.elements(picked), PER_BLOCK);
        }
    }

    @Override
    public void averageBackward(Pool2dParameters p, Operand dy, Operand dx) {
        if (Operands.elements(dx) > 0) {
            Shape from = dx.shape();
            Shape into = dy.shape();
            requireCountable(from, into);
            context.kernels()
                    .averagePoolBackward(
                            dy.dtype(),
                            dy,
                            dx,
                            from.size(0),
                            from.size(1),
                            from.size(2),
                            from.size(3),
                            into.size(2),
                            into.size(3),
                            p.kernelH(),
                            p.kernelW(),
                            p.strideH(),
                            p.strideW(),
                            p.padding().top(),
                            p.padding().left(),
                            p.dilationH(),
                            p.dilationW(),
                            begin(p, p.padding().top()),
                            begin(p, p.padding().left()),
                            end(p, from.size(2), p.padding().bottom()),
                            end(p, from.size(3), p.padding().right()),
                            p.dividesEvenly() ? 1 : 0);
            context.run(Operands.elements(dx), PER_BLOCK);
        }
    }

    /** Returns the first row that counts: of the image, or of the padding in front of it. */
    private static int begin(Pool2dParameters p, int before) {
        return p.countPadding() ? -before : 0;
    }

    /** Returns where the rows that count end. */
    private static int end(Pool2dParameters p, int size, int after) {
        return p.countPadding() ? size + after : size;
    }

    private static void requireCountable(Shape x, Shape y) {
        Operands.requireCountable("Pooling", x);
        Operands.requireCountable("Pooling", y);
    }

    @Override
    public void close() {
        plans.close();
    }
}

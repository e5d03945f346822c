package org.alborz.cpu.vector;

import org.alborz.backend.MatMul;
import org.alborz.backend.Operand;
import org.alborz.backend.PackedWeights;
import org.alborz.type.Activation;
import org.alborz.type.DType;
import org.alborz.type.Shape;

/** Matrix products of float32; other types go to the reference. */
final class VectorMatMul implements MatMul {
    /** Multiplications below which a matrix of a batch is one task. */
    private static final long SMALL = 1L << 21;

    /** The most numbers of a right matrix that is packed as a whole: 1 GiB. */
    private static final long MOST_PACKED = 1L << 28;

    private final WorkerPool workers;
    private final MatMul reference;
    private final Gemm shared;
    private final Gemm[] own;

    VectorMatMul(WorkerPool workers, MatMul reference) {
        this.workers = workers;
        this.reference = reference;
        this.shared = new Gemm(workers, workers.shared(), workers.threads());
        this.own = new Gemm[workers.threads()];
        for (int i = 0; i < own.length; i++) {
            own[i] = new Gemm(workers, workers.workspace(i), 1);
        }
    }

    @Override
    public void multiply(Operand a, Operand b, Operand bias, Activation activation, Operand y) {
        multiply(a, b, null, bias, activation, y);
    }

    /** Returns how a product of matrices packs the right one, or null where it reads it in place. */
    PackedWeights.Form form(Shape a, Operand b) {
        int terms = b.shape().size(0);
        int columns = b.shape().size(1);
        long size = Gemm.packedSize(terms, columns);
        return b.dtype() != DType.FLOAT32 || a.size(0) <= Gemv.MOST_ROWS || size == 0 || size > MOST_PACKED
                ? null
                : new PackedWeights.Form("panels of a product", size);
    }

    /** Packs the right matrix of a product that has a form. */
    void pack(Operand b, Operand packed) {
        shared.packRight(workers::run, matrix(Floats.of(b), b, 0), Floats.of(packed), Floats.at(packed));
    }

    /**
     * Multiplies.
     *
     * @param packed the only right matrix as {@link #pack} packs it, or null where that is still to be done
     */
    void multiply(Operand a, Operand b, Operand packed, Operand bias, Activation activation, Operand y) {
        if (y.dtype() != DType.FLOAT32) {
            reference.multiply(a, b, bias, activation, y);
            return;
        }
        if (y.shape().elements() == 0) {
            return;
        }
        int rank = y.shape().rank();
        int batches = rank == 3 ? y.shape().size(0) : 1;
        int n = y.shape().size(-1);
        long multiplications = (long) y.shape().size(-2) * n * a.shape().size(-1);
        float[] biases = bias == null ? null : Floats.of(bias);
        int biasAt = bias == null ? 0 : Floats.at(bias);
        float floor = Floats.floor(activation);
        float[] left = Floats.of(a);
        float[] right = Floats.of(b);
        float[] result = Floats.of(y);
        float[] panels = packed == null ? null : Floats.of(packed);
        int panelsAt = packed == null ? 0 : Floats.at(packed);
        if (batches == 1 || multiplications >= SMALL) {
            for (int i = 0; i < batches; i++) {
                shared.multiply(
                        workers::run,
                        matrix(left, a, i),
                        matrix(right, b, i),
                        panels,
                        panelsAt,
                        biases,
                        biasAt,
                        floor,
                        result,
                        at(y, i),
                        n);
            }
        } else {
            workers.run(
                    batches,
                    (i, worker) -> own[worker].multiply(
                            (own, shared, work) -> Gemm.serially(worker, own + shared, work),
                            matrix(left, a, i),
                            matrix(right, b, i),
                            biases,
                            biasAt,
                            floor,
                            result,
                            at(y, i),
                            n));
        }
        if (activation == Activation.RELU6) {
            // The products have no upper bound of their own.
            for (int i = 0; i < batches; i++) {
                int from = at(y, i);
                workers.run(
                        y.shape().size(-2),
                        (row, worker) ->
                                AddActivation.bound(result, from + row * n, n, floor, Floats.ceiling(activation)));
            }
        }
    }

    private static Matrix matrix(float[] values, Operand x, int batch) {
        return new Matrix(
                values,
                at(x, batch),
                x.shape().size(-2),
                x.shape().size(-1),
                (int) x.layout().stride(-2),
                (int) x.layout().stride(-1));
    }

    private static int at(Operand x, int batch) {
        return Floats.at(x) + (x.shape().rank() == 3 ? (int) (batch * x.layout().stride(0)) : 0);
    }
}

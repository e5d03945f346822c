package org.alborz.benchmarks.peers.blas;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Random;
import org.alborz.benchmarks.peers.Contestant;
import org.alborz.benchmarks.peers.Rate;
import org.alborz.benchmarks.peers.Work;
import org.alborz.benchmarks.peers.Worker;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.openblas.global.openblas;

/** OpenBLAS's {@code sgemm} for square matrices in row-major order. */
public final class OpenBlasContestant implements Contestant {
    private Work work;
    private Runnable run;

    private OpenBlasContestant() {}

    /** Serves until standard input ends. */
    public static void main(String[] arguments) throws IOException {
        Worker.serve(new OpenBlasContestant());
    }

    @Override
    public String prepare(Work chosen, Path exchange, double seconds) {
        work = chosen;
        int n = chosen.size();
        float[] a = uniform(n, 1);
        float[] b = uniform(n, 2);
        FloatPointer left = new FloatPointer(a);
        FloatPointer right = new FloatPointer(b);
        FloatPointer product = new FloatPointer((long) n * n);
        openblas.blas_set_num_threads(chosen.threads());
        run = () -> openblas.cblas_sgemm(
                openblas.CblasRowMajor,
                openblas.CblasNoTrans,
                openblas.CblasNoTrans,
                n,
                n,
                n,
                1f,
                left,
                n,
                right,
                n,
                0f,
                product,
                n);
        rate(seconds);
        check(a, b, product, n);
        return openblas.OPENBLAS_VERSION.strip();
    }

    /** Compares the last element with its definition. */
    private static void check(float[] a, float[] b, FloatPointer product, int n) {
        double expected = 0;
        for (int k = 0; k < n; k++) {
            expected += (double) a[(n - 1) * n + k] * b[k * n + n - 1];
        }
        float got = product.get((long) n * n - 1);
        if (!(Math.abs(got - expected) <= 1e-5 * n)) {
            throw new IllegalStateException("OpenBLAS's product ends with " + got + ", expected " + expected);
        }
    }

    private static float[] uniform(int n, int seed) {
        Random random = new Random(seed);
        float[] values = new float[n * n];
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextFloat();
        }
        return values;
    }

    @Override
    public double rate(double seconds) {
        return Rate.of(run, work.amount(), seconds);
    }

    @Override
    public void train(Work chosen, int count) {
        throw new UnsupportedOperationException("OpenBLAS multiplies matrices and trains nothing");
    }
}

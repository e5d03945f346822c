package org.alborz.benchmarks.peers.blas;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.alborz.benchmarks.peers.Contestant;
import org.alborz.benchmarks.peers.Exchange;
import org.alborz.benchmarks.peers.Rate;
import org.alborz.benchmarks.peers.RowNumbers;
import org.alborz.benchmarks.peers.Work;
import org.alborz.benchmarks.peers.Worker;
import org.alborz.checkpoint.SafetensorsFile;
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
        FloatPointer left = new FloatPointer(chosen.numbers().matrix(0));
        FloatPointer right = new FloatPointer(chosen.numbers().matrix(1));
        FloatPointer product = new FloatPointer((long) n * n);
        int transA = chosen.transposesLeft() ? openblas.CblasTrans : openblas.CblasNoTrans;
        int transB = chosen.transposesRight() ? openblas.CblasTrans : openblas.CblasNoTrans;
        openblas.blas_set_num_threads(chosen.threads());
        run = () -> openblas.cblas_sgemm(
                openblas.CblasRowMajor, transA, transB, n, n, n, 1f, left, n, right, n, 0f, product, n);
        rate(seconds);
        float[] result = new float[n * n];
        product.get(result);
        try (SafetensorsFile file = Exchange.open(exchange, chosen.name())) {
            Exchange.requireAgreement(file, Exchange.RESULT, RowNumbers.sample(result), "OpenBLAS");
        }
        return chosen.threads() + (chosen.threads() == 1 ? " thread" : " threads");
    }

    @Override
    public Map<String, String> about() {
        return Map.of("version", openblas.OPENBLAS_VERSION.strip());
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

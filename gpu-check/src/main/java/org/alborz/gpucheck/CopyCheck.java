package org.alborz.gpucheck;

import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.alborz.backend.Backend;
import org.alborz.cli.Measurement;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;
import org.alborz.type.Shape;

/** Measures how fast memory is copied: from the host, to the host, and on the device. */
final class CopyCheck implements Check {
    private final Subject subject;
    private final Scale scale;

    CopyCheck(Subject subject, Scale scale) {
        this.subject = subject;
        this.scale = scale;
    }

    @Override
    public String name() {
        return "bench-copy";
    }

    @Override
    public void run(Rows rows) {
        int count = scale.copied() / DType.FLOAT32.bytes();
        float[] host = new float[count];
        try (Session session = subject.session(DType.FLOAT32);
                Tensor x = session.ones(Shape.of(count));
                Tensor y = session.zeros(Shape.of(count))) {
            Backend backend = session.backend();
            measure(rows, backend, "upload", 1, () -> session.write(host, x));
            measure(rows, backend, "download", 1, () -> x.read(FloatBuffer.wrap(host)));
            // A copy on the device reads and writes.
            measure(rows, backend, "device", 2, () -> backend.elementwise().copy(x, y));
        }
    }

    private void measure(Rows rows, Backend backend, String what, int passes, Runnable copy) {
        List<Double> rates = new ArrayList<>();
        for (int i = 0; i <= scale.rounds(); i++) {
            backend.synchronize();
            long start = System.nanoTime();
            copy.run();
            backend.synchronize();
            double rate = passes * (double) scale.copied() / (System.nanoTime() - start);
            if (i > 0) { // the first warms up
                rates.add(rate);
            }
        }
        double median = Measurement.median(rates);
        rows.measured(
                name() + "." + what,
                Map.of("GB/s", median, "low", Collections.min(rates), "high", Collections.max(rates)),
                "%.2f GB/s (%.2f to %.2f) of %d MiB",
                median,
                Collections.min(rates),
                Collections.max(rates),
                scale.copied() >> 20);
    }
}

package org.alborz.gpucheck;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.alborz.backend.UnaryOp;
import org.alborz.cli.Measurement;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;
import org.alborz.type.Shape;

/** Measures what one operation costs the host: issuing a thousand small ones, without waiting for the device. */
final class LaunchCheck implements Check {
    private static final int LAUNCHES = 1000;
    private static final int SMALL = 1024;
    private static final int WARM_UP = 20;

    private final Subject subject;
    private final int rounds;

    LaunchCheck(Subject subject, int rounds) {
        this.subject = subject;
        this.rounds = rounds;
    }

    @Override
    public String name() {
        return "bench-launch";
    }

    @Override
    public void run(Rows rows) {
        try (Session session = subject.session(DType.FLOAT32);
                Tensor x = session.ones(Shape.of(SMALL))) {
            List<Double> micros = new ArrayList<>();
            for (int i = 0; i < WARM_UP + rounds; i++) {
                session.backend().synchronize();
                long start = System.nanoTime();
                for (int k = 0; k < LAUNCHES; k++) {
                    x.update(UnaryOp.NEGATE, 0);
                }
                micros.add((System.nanoTime() - start) * 1e-3 / LAUNCHES);
                session.backend().synchronize();
            }
            double median = Measurement.median(micros.subList(WARM_UP, micros.size()));
            rows.measured(
                    name(),
                    Map.of("microseconds", median),
                    "%.2f microseconds of Java for an elementwise operation on %d numbers, %d rounds of %d",
                    median,
                    SMALL,
                    rounds,
                    LAUNCHES);
        }
    }
}

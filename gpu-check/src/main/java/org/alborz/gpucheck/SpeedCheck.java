package org.alborz.gpucheck;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import org.alborz.backend.GraphCapture;
import org.alborz.cli.Measurement;
import org.alborz.cli.Workload;
import org.alborz.optim.Adam;
import org.alborz.tensor.Session;
import org.alborz.type.DType;

/** Measures how fast works go, each in several variants; the variants of a work take turns. */
final class SpeedCheck implements Check {
    /** How many rounds' time a work warms up for. */
    private static final int WARM_UP = 2;

    private final String name;
    private final Subject subject;
    private final Scale scale;
    private final List<Work> works;
    private final List<Variant> variants;

    /** A work, made in the session of a variant. */
    record Work(String name, BiFunction<Session, Variant, Workload> maker) {}

    private SpeedCheck(String name, Subject subject, Scale scale, List<Work> works, List<Variant> variants) {
        this.name = name;
        this.subject = subject;
        this.scale = scale;
        this.works = works;
        this.variants = variants;
    }

    /** Whole training steps with Adam: upload, forward, gradients, update, metrics. */
    static SpeedCheck training(Subject subject, Scale scale) {
        List<Work> works = new ArrayList<>();
        for (String net : scale.nets()) {
            for (int batch : scale.batches()) {
                works.add(new Work(net + "-" + batch, (session, variant) -> training(session, variant, net, batch)));
            }
        }
        return new SpeedCheck("bench-train", subject, scale, works, all());
    }

    static Workload training(Session session, Variant variant, String net, int batch) {
        return Workload.training(session, net, batch, new Adam(1e-3), variant.captured());
    }

    /** Forward passes in evaluation mode over images that are on the device. */
    static SpeedCheck inference(Subject subject, Scale scale) {
        List<Work> works = new ArrayList<>();
        for (String net : scale.nets()) {
            for (int batch : scale.batches()) {
                works.add(new Work(net + "-" + batch, (session, variant) -> {
                    GraphCapture capture = variant.captured()
                            ? session.backend().graphCapture().orElseThrow()
                            : null;
                    return Workload.inference(session, net, batch, capture);
                }));
            }
        }
        return new SpeedCheck("bench-infer", subject, scale, works, all());
    }

    /** Products of square matrices. */
    static SpeedCheck products(Subject subject, Scale scale) {
        List<Work> works = scale.products().stream()
                .map(n -> new Work("" + n, (session, variant) -> Workload.product(session, n)))
                .toList();
        List<Variant> variants = List.of(
                Variant.EAGER,
                Variant.EAGER_TF32,
                new Variant(DType.BFLOAT16, false, false),
                new Variant(DType.FLOAT16, false, false));
        return new SpeedCheck("bench-gemm", subject, scale, works, variants);
    }

    private static List<Variant> all() {
        return List.of(
                Variant.EAGER, Variant.CAPTURED, Variant.EAGER_TF32, Variant.CAPTURED_TF32, Variant.CAPTURED_BFLOAT16);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public void run(Rows rows) {
        List<Variant> usable = new ArrayList<>();
        for (Variant variant : variants) {
            String refusal = variant.refusal(subject);
            if (refusal == null) {
                usable.add(variant);
            } else {
                rows.skipped(name + "." + variant, refusal);
            }
        }
        for (Work work : works) {
            measure(rows, work, usable);
        }
    }

    private void measure(Rows rows, Work work, List<Variant> usable) {
        List<Session> sessions = new ArrayList<>();
        List<Workload> made = new ArrayList<>();
        try {
            List<Measurement> measurements = new ArrayList<>();
            for (Variant variant : usable) {
                Session session = variant.open(subject);
                sessions.add(session);
                Workload workload = work.maker().apply(session, variant);
                made.add(workload);
                workload.rate(WARM_UP * scale.seconds());
                measurements.add(new Measurement(workload));
            }
            for (int round = 0; round < scale.rounds(); round++) {
                measurements.forEach(measurement -> measurement.repeat(scale.seconds()));
            }
            for (int i = 0; i < usable.size(); i++) {
                add(
                        rows,
                        name + "." + work.name() + "." + usable.get(i),
                        measurements.get(i).result());
            }
        } finally {
            made.forEach(Workload::close);
            sessions.forEach(Session::close);
        }
    }

    private void add(Rows rows, String row, Measurement.Result r) {
        rows.measured(
                row,
                Map.of(r.unit(), r.ours(), "low", r.low(), "high", r.high()),
                "%,.0f %s (%,.0f to %,.0f, %d rounds)",
                r.ours(),
                r.unit(),
                r.low(),
                r.high(),
                scale.rounds());
    }
}

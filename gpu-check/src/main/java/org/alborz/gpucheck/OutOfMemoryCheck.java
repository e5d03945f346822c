package org.alborz.gpucheck;

import org.alborz.tensor.Scope;
import org.alborz.tensor.Session;
import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Shape;

/** When memory runs out there is an exception that lists what takes it, and training goes on afterwards. */
final class OutOfMemoryCheck implements Check {
    private static final int MOST_CHUNKS = 4096;

    private final Subject subject;
    private final Scale scale;

    OutOfMemoryCheck(Subject subject, Scale scale) {
        this.subject = subject;
        this.scale = scale;
    }

    @Override
    public String name() {
        return "out-of-memory";
    }

    @Override
    public void run(Rows rows) {
        if (subject.isCpu()) {
            rows.skipped(name(), "tensors are in the Java heap, and filling it would end more than a training");
            return;
        }
        try (Session session = subject.session(DType.FLOAT32);
                CnnRun run = CnnRun.begin(session, CnnRun.images(scale.batch()), false)) {
            run.step();
            long before = session.memory().used();
            exhaust(rows, session);
            goesOn(rows, session, run, before);
        }
    }

    private void exhaust(Rows rows, Session session) {
        Layout chunk = Layout.rowMajor(Shape.of(Math.toIntExact(scale.chunk() / DType.FLOAT32.bytes())));
        int count = 0;
        try (Scope hoard = session.scope("hoard")) {
            while (count < MOST_CHUNKS) {
                session.empty(DType.FLOAT32, chunk).named("hoarded " + count);
                count++;
            }
            session.backend().synchronize();
            rows.failed("out-of-memory.exception", "%d chunks of %,d bytes and no end", count, scale.chunk());
        } catch (RuntimeException e) {
            String message = String.valueOf(e.getMessage());
            rows.note("%s", e);
            boolean listed = message.contains(count + " of ")
                    && message.contains(chunk.shape().elements() + " ");
            rows.judged(
                    "out-of-memory.exception",
                    listed,
                    "%s after %.1f GiB that %s",
                    e.getClass().getSimpleName(),
                    count * (scale.chunk() / 0x1p30),
                    listed ? "lists what takes them" : "does not list what takes them: " + message);
        }
    }

    private void goesOn(Rows rows, Session session, CnnRun run, long before) {
        double loss = run.step();
        double next = run.step();
        long used = session.memory().used();
        rows.judged(
                "out-of-memory.goes-on",
                Double.isFinite(loss) && Double.isFinite(next) && used == before,
                "losses %.4f and %.4f afterwards, %,d bytes in use (%,d before)",
                loss,
                next,
                used,
                before);
    }
}

package org.alborz.gpucheck;

import java.util.OptionalLong;
import org.alborz.data.Dataset;
import org.alborz.tensor.Session;
import org.alborz.type.DType;

/** Sessions that are opened, used and closed leave nothing behind. */
final class LeakCheck implements Check {
    /** What a driver may keep for itself, such as loaded modules, in MiB. */
    private static final long TOLERANCE = 64;

    private final Subject subject;
    private final Scale scale;
    private final DeviceMemory device;

    LeakCheck(Subject subject, Scale scale, DeviceMemory device) {
        this.subject = subject;
        this.scale = scale;
        this.device = device;
    }

    @Override
    public String name() {
        return "leaks";
    }

    @Override
    public void run(Rows rows) {
        Dataset images = CnnRun.images(scale.batch());
        use(images, false); // libraries that are loaded once stay
        OptionalLong before = device.usedMebibytes();
        long left = 0;
        for (int i = 0; i < scale.sessions(); i++) {
            left += use(images, i % 2 == 1);
        }
        rows.judged(
                "leaks.tensors",
                left == 0,
                "%,d bytes of tensors left by %d sessions with training steps",
                left,
                scale.sessions());
        OptionalLong after = device.usedMebibytes();
        if (before.isEmpty() || after.isEmpty()) {
            rows.skipped("leaks.device", "nothing tells the device's memory here");
            return;
        }
        rows.judged(
                "leaks.device",
                after.getAsLong() - before.getAsLong() <= TOLERANCE,
                "%,d MiB of the device used before, %,d MiB after; %d MiB more are allowed",
                before.getAsLong(),
                after.getAsLong(),
                TOLERANCE);
    }

    /** Returns how many bytes a second run of steps leaves in use when all is closed but the session itself, which keeps some constants of the first. */
    private long use(Dataset images, boolean graphCapture) {
        try (Session session = subject.session(DType.FLOAT32)) {
            steps(session, images, graphCapture);
            long first = session.memory().used();
            steps(session, images, graphCapture);
            return session.memory().used() - first;
        }
    }

    private static void steps(Session session, Dataset images, boolean graphCapture) {
        try (CnnRun run = CnnRun.begin(session, images, graphCapture)) {
            run.step();
            run.step();
            run.step();
        }
        session.backend().synchronize();
    }
}

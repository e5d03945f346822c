package org.alborz.cli;

import java.util.List;
import org.alborz.inspect.Profile;
import org.alborz.inspect.ProfileCallback;
import org.alborz.inspect.ProfileRow;
import org.alborz.inspect.Roofline;
import org.alborz.tensor.Session;

/** Measures some steps of a run and writes what they took: a table on the screen, profile.json and profile.csv in the run's folder. */
final class ProfileOutput {
    /** The Java compiler is done with most of a step by then. */
    private static final int WARM_UP = 10;

    private final Screen screen;
    private final RunFolder folder;
    private final int steps;
    private Profile profile;

    /**
     * What profile.json holds.
     *
     * @param seconds of the steps as a whole
     * @param operationSeconds of operations; the rest is data, copies and Java code between them
     */
    record Report(
            int steps,
            String backend,
            String device,
            double seconds,
            double operationSeconds,
            Roofline roofline,
            List<ProfileRow> layers,
            List<ProfileRow> operations,
            List<ProfileRow> rows) {}

    ProfileOutput(Screen screen, RunFolder folder, int steps) {
        this.screen = screen;
        this.folder = folder;
        this.steps = steps;
    }

    ProfileCallback callback() {
        return new ProfileCallback(WARM_UP, steps, done -> profile = done);
    }

    /** Writes what was measured, after the training, so that the machine's own figures cost no step. */
    void write(Session session) {
        if (profile == null) {
            screen.line(
                    "No step was profiled: the first %d are left out, and there were no more. Train longer.", WARM_UP);
            return;
        }
        Roofline roofline = Roofline.measure(session);
        Report report = new Report(
                steps,
                session.backend().name(),
                session.backend().device(),
                profile.seconds(),
                profile.operationSeconds(),
                roofline,
                profile.byLayer(),
                profile.byOperation(),
                profile.rows());
        AtomicFile.write(folder.profileJson(), JsonFile.indentedText(report) + "\n");
        AtomicFile.write(folder.profileCsv(), profile.csv());
        screen.line("");
        screen.line("Profile of %d steps after the first %d", steps, WARM_UP);
        screen.line("");
        profile.table(roofline).lines().forEach(screen::line);
        screen.field("Profile", folder.profileJson() + ", " + folder.profileCsv());
    }
}

package org.alborz.examples.lessons;

import java.nio.file.Path;
import java.util.Objects;
import java.util.function.Supplier;
import org.alborz.tensor.Session;

/**
 * How lessons run.
 *
 * @param sessions opens a session; whoever asks closes it
 * @param cifar10 the folder with CIFAR-10's binary files, or null for generated images
 * @param full whether to take the notes' own sizes instead of sizes that take at most two minutes on two processors
 * @param quick whether to take sizes just large enough for a test, some seconds
 * @param seed of random numbers
 * @param pictures the folder that pictures are written to, or null for none
 */
public record LessonSettings(
        Supplier<Session> sessions, Path cifar10, boolean full, boolean quick, long seed, Path pictures) {
    /** The fastest backend that can run, generated images, the default sizes, seed 1, no pictures. */
    public static final LessonSettings DEFAULTS = on("auto");

    /**
     * Checks the settings.
     *
     * @throws IllegalArgumentException for settings both full and quick
     */
    public LessonSettings {
        Objects.requireNonNull(sessions, "sessions");
        if (full && quick) {
            throw new IllegalArgumentException(
                    "expected a lesson of either the notes' own size or a test's, got both.");
        }
    }

    /** Returns the defaults on this backend. */
    public static LessonSettings on(String backend) {
        return new LessonSettings(() -> Session.open(backend), null, false, false, 1, null);
    }
}

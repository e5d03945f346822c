package org.alborz.cli;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.alborz.train.Callback;
import org.alborz.train.Trainer;

/**
 * Lets a training finish its step and save when the JVM is asked to end, by Ctrl-C or otherwise.
 *
 * <p>The JVM ends when its shutdown hooks are done, so the hook waits until {@link #close} says that everything is saved.
 */
final class Interruption implements Callback, AutoCloseable {
    /** Why the trainer stopped, where it was asked to. */
    static final String REASON = "interrupted";

    /** How long a signal waits for the step to end and be saved. */
    private static final Duration LONGEST = Duration.ofSeconds(60);

    private final Duration longest;
    private final CountDownLatch saved = new CountDownLatch(1);
    private final Thread hook = new Thread(this::request, "alborz-interruption");
    private volatile boolean requested;

    private Interruption(Duration longest) {
        this.longest = longest;
    }

    static Interruption listen() {
        return listen(LONGEST);
    }

    /** Waits so long at most. */
    static Interruption listen(Duration longest) {
        Interruption interruption = new Interruption(longest);
        Runtime.getRuntime().addShutdownHook(interruption.hook);
        return interruption;
    }

    /** Asks for the end, and returns when everything is saved, or has not been for too long. */
    void request() {
        requested = true;
        try {
            if (!saved.await(longest.toMillis(), TimeUnit.MILLISECONDS)) {
                System.err.println("alborz: The step was not ended and saved within " + longest.toSeconds()
                        + " s after the signal; the run ends without. --resume goes on from where it saved before");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    boolean isRequested() {
        return requested;
    }

    @Override
    public void onStepEnd(Trainer trainer) {
        if (requested) {
            trainer.stop(REASON);
        }
    }

    @Override
    public void close() {
        saved.countDown();
        if (!requested) {
            try {
                Runtime.getRuntime().removeShutdownHook(hook);
            } catch (IllegalStateException e) {
                // It was requested just now: the hook ends by itself.
            }
        }
    }
}

package org.alborz.examples.cli;

import java.util.concurrent.CountDownLatch;
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

    private final CountDownLatch saved = new CountDownLatch(1);
    private final Thread hook = new Thread(this::request, "alborz-interruption");
    private volatile boolean requested;

    private Interruption() {}

    static Interruption listen() {
        Interruption interruption = new Interruption();
        Runtime.getRuntime().addShutdownHook(interruption.hook);
        return interruption;
    }

    /** Asks for the end, and returns when everything is saved. */
    void request() {
        requested = true;
        try {
            saved.await();
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

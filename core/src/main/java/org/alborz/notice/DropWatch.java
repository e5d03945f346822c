package org.alborz.notice;

import java.lang.ref.Cleaner;
import org.slf4j.Logger;

/**
 * Watches an object that has to be closed: if it is dropped without {@code close()}, its resources are released after the garbage
 * collector has found it, and a warning says where it was made.
 *
 * <p>The object closes its watch when it is closed itself.
 */
public final class DropWatch implements AutoCloseable {
    private static final Cleaner CLEANER = Cleaner.create();

    private final Remains remains;
    private final Cleaner.Cleanable cleanable;

    private DropWatch(Object object, Remains remains) {
        this.remains = remains;
        this.cleanable = CLEANER.register(object, remains);
    }

    /**
     * Starts to watch an object, made by the code that is running now.
     *
     * @param what names the object at the start of a sentence, such as {@code A session on cpu-vector}
     * @param release ends its threads and gives back its memory, from another thread; must not refer to the object
     */
    public static DropWatch on(Object object, Logger log, String what, Runnable release) {
        return new DropWatch(object, new Remains(log, what, CallSite.current(), release));
    }

    /** Ends the watch of an object that was closed. */
    @Override
    public void close() {
        remains.settled = true;
        cleanable.clean();
    }

    /** What is left of the object when it is gone. */
    private static final class Remains implements Runnable {
        private final Logger log;
        private final String what;
        private final String madeAt;
        private final Runnable release;
        private volatile boolean settled;

        Remains(Logger log, String what, String madeAt, Runnable release) {
            this.log = log;
            this.what = what;
            this.madeAt = madeAt;
            this.release = release;
        }

        @Override
        public void run() {
            if (settled) {
                return;
            }
            String end =
                    " Its threads and memory are released now; close it earlier, best by a try-with-resources statement.";
            try {
                release.run();
            } catch (Throwable e) { // the cleaner's thread must go on
                end = " Releasing its threads and memory failed: " + e + ".";
            }
            Warnings.warn(log, what + ", made at " + madeAt + ", was dropped without close()." + end);
        }
    }
}

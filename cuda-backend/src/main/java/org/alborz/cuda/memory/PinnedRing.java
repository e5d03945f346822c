package org.alborz.cuda.memory;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import jcuda.Pointer;
import org.alborz.cuda.driver.Context;
import org.alborz.cuda.driver.Event;
import org.alborz.cuda.driver.PinnedMemory;
import org.alborz.cuda.driver.Resources;
import org.alborz.cuda.driver.Stream;

/**
 * Pinned memory that copies between host and device take in turn, each as much as it needs. A part is handed out again when the copy that used it is done, which the
 * host waits for only where the ring is full.
 *
 * <p>Invariant: {@code begin ≤ end ≤ begin + BYTES}, both counts of bytes since the ring was made. The bytes from {@code begin} to {@code end} may be in use. Parts are
 * taken and given back in the same order, that of {@code parts}, so {@code begin} is the end of the part that was given back last.
 */
final class PinnedRing implements AutoCloseable {
    /** The most bytes that are handed out at once. */
    static final int MOST = 4 << 20;

    /** What four such parts take. */
    private static final int BYTES = 4 * MOST;

    /** Of the parts' beginnings, as large as the alignment of device memory; what it does to the speed of copies was not measured. */
    private static final int ALIGNMENT = 256;

    private static final int MOST_PARTS = 64;

    private final Context context;
    private final Resources resources = new Resources();
    private final PinnedMemory memory;
    private final ArrayDeque<Part> parts = new ArrayDeque<>();
    private final ArrayDeque<Event> spare = new ArrayDeque<>();
    private long begin;
    private long end;

    /**
     * What a copy uses.
     *
     * @param end where it ends
     * @param copied the mark behind the copy
     */
    private record Part(long end, Event copied) {}

    PinnedRing(Context context) {
        this.context = context;
        context.makeCurrent();
        memory = resources.add(new PinnedMemory(BYTES));
    }

    /**
     * Hands out the next part, after waiting for the copies that use its memory; {@link #use} ends what is done with it.
     *
     * @param bytes at most {@link #MOST}
     * @return where it begins
     */
    int take(int bytes) {
        int rounded = (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        int at = (int) (end % BYTES);
        if (at + rounded > BYTES) {
            end += BYTES - at; // it does not fit before the end of the memory
            at = 0;
        }
        while (end + rounded - begin > BYTES || parts.size() == MOST_PARTS) {
            Part oldest = parts.remove();
            oldest.copied.await();
            spare.add(oldest.copied);
            begin = oldest.end;
        }
        end += rounded;
        return at;
    }

    /** Says that what was put on a stream before this is the copy that uses the part handed out last. */
    void use(Stream stream) {
        Event copied = spare.isEmpty() ? resources.add(new Event(context)) : spare.remove();
        parts.add(new Part(end, copied)); // before it is set, so that it is not lost if that fails
        copied.record(stream);
    }

    /** Returns the memory of a part. */
    ByteBuffer bytes(int part, int bytes) {
        return memory.bytes().slice(part, bytes).order(memory.bytes().order());
    }

    /** Returns the address of a part, for calls that take a host pointer. */
    Pointer at(int part) {
        return memory.at(part);
    }

    @Override
    public void close() {
        resources.close();
    }
}

package org.alborz.distributed;

import java.util.List;
import java.util.Optional;
import org.alborz.backend.Backend;
import org.alborz.backend.Operand;

/**
 * A group whose ranks can also exchange numbers where a backend has them, without a copy to the host. Its calls take part in the order of all
 * calls of a rank.
 *
 * <p>{@link #allReduce(Reduction, Backend, List)} and {@link #broadcast(Backend, List, int)} put one exchange between the work that was asked of the backend before and
 * what is asked of it later. For exchanges that run beside other work, ranks {@link #agree} on them, begin them, and {@link #join} them:
 *
 * <pre>{@code
 * group.agree("the gradients of a step");
 * group.beginAllReduce(Reduction.SUM, backend, last);  // the backend computes the others meanwhile
 * group.beginAllReduce(Reduction.SUM, backend, first);
 * group.join(backend, "the gradients of a step");
 * group.agree("the end of a step");                    // notices a rank that has failed meanwhile
 * }</pre>
 *
 * <p>Calls may return before the exchange is done. Where one fails, the values are undefined, and the next call of this rank throws
 * {@link CollectiveException}; every other call waits for the exchanges before it.
 */
public interface DeviceCollective extends Collective {
    /** Returns why the memory of a backend cannot be exchanged in place, or nothing where it can; the same for backends of one name. */
    Optional<String> refuses(Backend backend);

    /**
     * Replaces values by those of all ranks together, the same bits in every rank. The order of the additions is the implementation's.
     *
     * @param values dense, of the backend, of types that {@link Reduction} is defined for: float32, float64, int32 or int64, or of 16 bits
     * @throws CollectiveException when the group has ended, or another rank is at another call
     */
    void allReduce(Reduction reduction, Backend backend, List<? extends Operand> values);

    /** Replaces values, dense and of any types, by those of rank {@code root}, which has them in the same order in memory. */
    void broadcast(Backend backend, List<? extends Operand> values, int root);

    /**
     * Waits until all ranks are about to make the same exchanges, so that no device waits for a rank that does not come to them; or have begun them, so that
     * the host does not wait for a device that waits for a rank that has failed.
     *
     * @param exchanges what they are, in words
     * @throws CollectiveException when the group has ended, or another rank is at another call
     */
    void agree(String exchanges);

    /**
     * Begins an {@link #allReduce(Reduction, Backend, List)} of those that were agreed on, when what was asked of the backend before is done. What is asked of it later does not wait
     * for it, and must not touch the values, before {@link #join}. It may be captured ({@link org.alborz.backend.GraphCapture}), in all ranks alike, when the group has made an exchange before.
     */
    void beginAllReduce(Reduction reduction, Backend backend, List<? extends Operand> values);

    /** Begins a {@link #broadcast(Backend, List, int)}, likewise. */
    void beginBroadcast(Backend backend, List<? extends Operand> values, int root);

    /**
     * Has what is asked of the backend later wait for the exchanges that were begun. It is called once more after each replay of captured exchanges, from which on they count as
     * begun: calls that follow wait for them, and a lost rank is noticed.
     *
     * @param exchanges what they are, in words
     */
    void join(Backend backend, String exchanges);
}

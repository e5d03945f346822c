package org.alborz.distributed;

import java.util.List;
import java.util.Optional;
import org.alborz.backend.Backend;
import org.alborz.backend.Operand;

/**
 * A group whose ranks can also exchange numbers where a backend has them, without a copy to the host. Its calls take part in the order of all
 * calls of a rank.
 *
 * <p>The calls with a backend put the exchange behind the work that was asked of the backend before, and may return before it is done; what
 * is asked of the backend later comes after it. Where an exchange fails, the values are undefined, and the next call of this rank throws
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
}

package org.alborz.nn;

/**
 * A net or a part of one: names its parameters and parts.
 *
 * <p>What maps one tensor to one is a {@link Layer}. A net with several inputs or outputs implements this interface and has forward
 * methods of its own, which a training loop or an objective calls on the object itself; {@link Model#create} gives either memory.
 */
public interface Module {
    /** Names this module's parameters and parts; a module without any need not. */
    default void describe(Structure structure) {}
}

package org.alborz.ops;

/** The time during which a listener is told of operations; ends when it is closed. */
public interface Observation extends AutoCloseable {
    @Override
    void close();
}

package org.alborz.cuda.driver;

/** Is told of work when it is put on a stream. */
@FunctionalInterface
public interface WorkObserver {
    void onWork(StreamWork work);
}

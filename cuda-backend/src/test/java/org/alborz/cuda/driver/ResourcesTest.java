package org.alborz.cuda.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ResourcesTest {
    private final List<String> closed = new ArrayList<>();
    private final Resources resources = new Resources();

    private void add(String name) {
        resources.add(() -> closed.add(name));
    }

    private void addFailing(String name, Throwable failure) {
        resources.add(() -> {
            closed.add(name);
            if (failure instanceof Error error) {
                throw error;
            }
            throw (Exception) failure;
        });
    }

    @Test
    void theLastOpenedIsClosedFirstAndOnce() {
        add("a");
        add("b");
        resources.close();
        resources.close();
        assertThat(closed).containsExactly("b", "a");
    }

    @Test
    void allAreClosedAndAllFailuresKept() {
        IllegalStateException first = new IllegalStateException("c");
        IOException second = new IOException("a");
        addFailing("a", second);
        add("b");
        addFailing("c", first);
        assertThatThrownBy(resources::close).isSameAs(first).hasSuppressedException(second);
        assertThat(closed).containsExactly("c", "b", "a");
    }

    @Test
    void aCheckedFailureIsWrapped() {
        IOException failure = new IOException("full");
        addFailing("a", failure);
        assertThatThrownBy(resources::close)
                .isInstanceOf(IllegalStateException.class)
                .hasCause(failure);
    }

    @Test
    void errorsDoNotKeepTheRestOpen() {
        LinkageError failure = new UnsatisfiedLinkError("gone");
        add("a");
        addFailing("b", failure);
        assertThatThrownBy(resources::close).isSameAs(failure);
        assertThat(closed).containsExactly("b", "a");
    }

    @Test
    void afterAFailureWhatFailsOnTheWayIsNotedWithIt() {
        IllegalStateException cause = new IllegalStateException("cause");
        IOException onTheWay = new IOException("on the way");
        LinkageError worse = new UnsatisfiedLinkError("gone");
        add("a");
        addFailing("b", onTheWay);
        addFailing("c", worse);
        resources.closeAfter(cause);
        assertThat(closed).containsExactly("c", "b", "a");
        assertThat(cause.getSuppressed()).containsExactly(worse, onTheWay);
    }

    /** A driver that is gone may have every call end in the same exception. */
    @Test
    void aFailureMetTwiceIsNotedOnce() {
        IllegalStateException same = new IllegalStateException("same");
        addFailing("a", same);
        addFailing("b", same);
        assertThatThrownBy(resources::close).isSameAs(same).hasNoSuppressedExceptions();
        addFailing("c", same);
        resources.closeAfter(same);
        assertThat(closed).containsExactly("b", "a", "c");
    }
}

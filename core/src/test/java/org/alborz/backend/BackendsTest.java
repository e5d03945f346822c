package org.alborz.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class BackendsTest {
    private static final BackendProvider SLOW = new Fake("slow", 1, new Probe.Usable("a slow device"));
    private static final BackendProvider FAST = new Fake("fast", 9, new Probe.Usable("a fast device"));
    private static final BackendProvider BROKEN =
            new Fake("broken", 99, new Probe.Unusable("It has no driver.", "Install the driver."));

    private static final BackendProvider DISCOURAGED =
            new Fake("doubtful", 50, new Probe.Discouraged("a device", "It was slow.", "Ask by name."));

    /** A provider of a backend that knows only its name. */
    private record Fake(String name, int priority, Probe probe) implements BackendProvider {
        @Override
        public Backend open(BackendOptions options) {
            return (Backend) Proxy.newProxyInstance(
                    Backend.class.getClassLoader(), new Class<?>[] {Backend.class}, (proxy, method, arguments) -> name);
        }
    }

    /** A provider whose probe throws. */
    private record Failing(Throwable failure) implements BackendProvider {
        @Override
        public String name() {
            return "failing";
        }

        @Override
        public int priority() {
            return 99;
        }

        @Override
        public Probe probe() {
            if (failure instanceof Error e) {
                throw e;
            }
            throw (RuntimeException) failure;
        }

        @Override
        public Backend open(BackendOptions options) {
            throw new AssertionError("it cannot run");
        }
    }

    private static String open(String name, BackendProvider... providers) {
        return Backends.of(List.of(providers))
                .open(name, BackendOptions.defaults())
                .name();
    }

    @Test
    void listsTheMostPreferredFirst() {
        assertThat(Backends.of(List.of(SLOW, BROKEN, FAST)).candidates())
                .extracting(Backends.Candidate::name)
                .containsExactly("broken", "fast", "slow");
    }

    @Test
    void autoTakesTheMostPreferredThatCanRun() {
        assertThat(open("auto", SLOW, FAST)).isEqualTo("fast");
        assertThat(open("auto", SLOW, BROKEN, FAST)).isEqualTo("fast");
    }

    @Test
    void looksOnlyAtBackendsThatAreInQuestion() {
        AtomicInteger looks = new AtomicInteger();
        BackendProvider counted = new BackendProvider() {
            @Override
            public String name() {
                return "counted";
            }

            @Override
            public int priority() {
                return 0;
            }

            @Override
            public Probe probe() {
                looks.incrementAndGet();
                return new Probe.Usable("counted");
            }

            @Override
            public Backend open(BackendOptions options) {
                return FAST.open(options);
            }
        };
        Backends backends = Backends.of(List.of(SLOW, FAST, counted));
        backends.open("slow", BackendOptions.defaults());
        backends.open("auto", BackendOptions.defaults());
        assertThat(looks).hasValue(0);
        backends.open("counted", BackendOptions.defaults());
        backends.candidates().forEach(Backends.Candidate::probe);
        assertThat(looks).hasValue(1);
    }

    @Test
    void aNameTakesThatBackend() {
        assertThat(open("slow", SLOW, FAST)).isEqualTo("slow");
    }

    @Test
    void aNamedBackendThatCannotRunIsNeverReplaced() {
        assertThatThrownBy(() -> open("broken", SLOW, BROKEN, FAST))
                .isInstanceOf(BackendUnavailableException.class)
                .hasMessageContainingAll("'broken'", "It has no driver.", "Install the driver.");
    }

    /** Opens a backend and returns its name and what was logged meanwhile at WARN. */
    private static List<String> warnings(String name, BackendProvider... providers) {
        ListAppender<ILoggingEvent> log = new ListAppender<>();
        log.start();
        Logger logger = (Logger) LoggerFactory.getLogger(Backends.class);
        logger.addAppender(log);
        logger.setAdditive(false);
        try {
            assertThat(open(name, providers)).isNotNull();
        } finally {
            logger.setAdditive(true);
            logger.detachAppender(log);
        }
        return log.list.stream()
                .filter(event -> event.getLevel() == Level.WARN)
                .map(ILoggingEvent::getFormattedMessage)
                .toList();
    }

    @Test
    void whatIsPassedOverIsSaidAloud() {
        assertThat(warnings("auto", SLOW, BROKEN))
                .singleElement()
                .asString()
                .contains("broken", "It has no driver.", "Install the driver.");
        assertThat(warnings("auto", SLOW, DISCOURAGED))
                .singleElement()
                .asString()
                .contains("doubtful is passed over", "It was slow.", "Ask by name.");
        assertThat(warnings("auto", SLOW, FAST)).isEmpty();
    }

    @Test
    void aDeviceThatIsNotThereIsNoFault() {
        BackendProvider absent =
                new Fake("absent", 99, new Probe.Unusable("There is no such device.", "Use another.", true));
        assertThat(warnings("auto", SLOW, absent)).isEmpty();
    }

    @Test
    void aDiscouragedBackendIsTakenByNameOrAsTheLast() {
        assertThat(open("auto", SLOW, DISCOURAGED)).isEqualTo("slow");
        assertThat(open("doubtful", SLOW, DISCOURAGED)).isEqualTo("doubtful");
        assertThat(open("auto", BROKEN, DISCOURAGED)).isEqualTo("doubtful");
        assertThat(warnings("doubtful", SLOW, DISCOURAGED))
                .singleElement()
                .asString()
                .contains("doubtful is used, since it was named", "It was slow.");
        assertThat(Backends.of(List.of(SLOW, DISCOURAGED)).preferred())
                .map(Backends.Candidate::name)
                .contains("slow");
        assertThat(Backends.of(List.of(BROKEN, DISCOURAGED)).preferred())
                .map(Backends.Candidate::name)
                .contains("doubtful");
    }

    @Test
    void anUnknownNameIsRefusedWithTheKnownOnes() {
        assertThatThrownBy(() -> open("tpu", SLOW, FAST))
                .isInstanceOf(BackendUnavailableException.class)
                .hasMessageContainingAll("'tpu'", "auto", "fast", "slow", "class path");
    }

    @Test
    void autoSaysWhyNothingCanRun() {
        assertThatThrownBy(() -> open("auto", BROKEN))
                .isInstanceOf(BackendUnavailableException.class)
                .hasMessageContainingAll("broken", "It has no driver.", "Install the driver.");
    }

    @Test
    void aProviderThatFailsDoesNotTakeTheOthersDown() {
        for (Throwable failure : List.of(new IllegalStateException("no luck"), new UnsatisfiedLinkError("no luck"))) {
            BackendProvider failing = new Failing(failure);

            assertThat(open("auto", SLOW, failing)).isEqualTo("slow");
            assertThatThrownBy(() -> open("failing", SLOW, failing))
                    .isInstanceOf(BackendUnavailableException.class)
                    .hasMessageContainingAll("'failing'", failure.toString(), "Remedy: ", Failing.class.getName());
        }
    }

    @Test
    void noProviderAtAllNamesTheDependency() {
        assertThatThrownBy(() -> open("auto"))
                .isInstanceOf(BackendUnavailableException.class)
                .hasMessageContaining("alborz-cpu-backend");
    }

    @Test
    void coreAloneFindsNoBackend() {
        assertThat(Backends.find().candidates()).isEmpty();
    }
}

package org.alborz.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import org.junit.jupiter.api.Test;

class IoCauseTest {
    @Test
    void theRemedyFitsTheCause() {
        assertThat(IoCause.of(new ClosedByInterruptException())).isEqualTo(IoCause.INTERRUPTED);
        assertThat(IoCause.of(new AccessDeniedException("f"))).isEqualTo(IoCause.PERMISSION);
        assertThat(IoCause.of(new NoSuchFileException("f"))).isEqualTo(IoCause.GONE);
        assertThat(IoCause.of(new IOException("No space left on device"))).isEqualTo(IoCause.FULL);
        assertThat(IoCause.of(new IOException("Disk quota exceeded"))).isEqualTo(IoCause.FULL);
        assertThat(IoCause.of(new FileSystemException("f", null, "Read-only file system")))
                .isEqualTo(IoCause.READ_ONLY);
        assertThat(IoCause.of(new IOException((String) null))).isEqualTo(IoCause.UNKNOWN);
        assertThat(IoCause.of(new IOException("Input/output error"))).isEqualTo(IoCause.UNKNOWN);
    }
}

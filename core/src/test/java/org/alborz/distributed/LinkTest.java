package org.alborz.distributed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The connections of a rank whose neighbour reads nothing. */
@Timeout(60)
final class LinkTest {
    private static final int PLACES = 3;

    /** A rank that is stopped: what waits for it is bounded by the places and what the operating system's buffers take, not by the memory. */
    @Test
    void aNeighbourThatReadsNothingFillsNoMemory() throws IOException {
        try (ServerSocket server = new ServerSocket(0, 2, InetAddress.getLoopbackAddress());
                Socket before = new Socket(server.getInetAddress(), server.getLocalPort());
                Socket after = new Socket(server.getInetAddress(), server.getLocalPort());
                Link link = new Link(before, after, 200, PLACES)) {
            int sent = 0;
            try {
                while (sent < 10_000) {
                    link.send(frame(link));
                    sent++;
                }
            } catch (SocketTimeoutException e) {
                assertThat(e).hasMessage("nothing could be sent for 200 ms");
            }
            assertThat(sent).isBetween(PLACES, 1_000);
        }
    }

    @Test
    void aWaitForAPlaceEndsWhereTheLinkDoes() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 2, InetAddress.getLoopbackAddress());
                Socket before = new Socket(server.getInetAddress(), server.getLocalPort());
                Socket after = new Socket(server.getInetAddress(), server.getLocalPort());
                Link link = new Link(before, after, 600_000, PLACES)) {
            Thread other = new Thread(link::interrupt);
            assertThatThrownBy(() -> {
                        for (int sent = 0; sent < 10_000; sent++) {
                            if (sent == PLACES) {
                                other.start();
                            }
                            link.send(frame(link));
                        }
                    })
                    .isInstanceOf(IOException.class)
                    .hasMessage("the link was closed");
            other.join();
        }
    }

    /** Frames are used again, and never lost to one that is still to be sent. */
    @Test
    void framesAreUsedAgain() throws IOException {
        try (ServerSocket server = new ServerSocket(0, 2, InetAddress.getLoopbackAddress());
                Socket before = new Socket(server.getInetAddress(), server.getLocalPort());
                Socket after = new Socket(server.getInetAddress(), server.getLocalPort());
                Link link = new Link(before, after, 1000, PLACES)) {
            Frame frame = link.take(Frame.PIECE);
            assertThat(link.take(1)).isNotSameAs(frame);
            link.giveBack(frame);
            assertThat(link.take(1)).isSameAs(frame);
            Frame large = link.take(Frame.PIECE + 1);
            link.giveBack(large);
            assertThat(link.take(Frame.PIECE)).isNotSameAs(large);
        }
    }

    private static Frame frame(Link link) {
        return link.take(Frame.PIECE).set(Frame.Kind.RESULT, 1, 1, Frame.PIECE);
    }
}

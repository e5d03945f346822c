/** The few calls of CUDA's driver that the backend needs: checked, typed, and cheap enough to make thousands of a step. */
package org.alborz.cuda.driver;

/* SPDX-License-Identifier: MIT */
/* One request of the C API a line of stdin, an object on stdout for each: the header is C, and its answers are JSON. */
#include <stdio.h>
#include <string.h>

#include "matgrad/c_api.h"

int main(void) {
  static char request[1 << 16];
  while (fgets(request, sizeof request, stdin) != NULL) {
    request[strcspn(request, "\n")] = '\0';
    char* answer = matgrad_diff_json(request);
    if (answer == NULL) return 1;
    puts(answer);
    matgrad_free(answer);
  }
  return 0;
}

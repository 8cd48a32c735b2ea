// The 230 space groups in their 530 settings, as tabulated by Hall and Grosse-Kunstleve (International Tables B, A1.4.2.7).
// Line n is space group n; its settings stand in the order of their Hall numbers, separated by "; ", each as
// setting|Hall symbol|Hermann–Mauguin symbol|full symbol (where it differs). test/crystal/hall.test.ts checks every line
// against moyo. Data only: space-groups.ts looks things up in it.

export const SPACE_GROUP_TABLE = `
|P 1|P 1
|-P 1|P -1
b|P 2y|P 1 2 1; c|P 2|P 1 1 2; a|P 2x|P 2 1 1
b|P 2yb|P 1 21 1; c|P 2c|P 1 1 21; a|P 2xa|P 21 1 1
b1|C 2y|C 1 2 1; b2|A 2y|A 1 2 1; b3|I 2y|I 1 2 1; c1|A 2|A 1 1 2; c2|B 2|B 1 1 2; c3|I 2|I 1 1 2; a1|B 2x|B 2 1 1; a2|C 2x|C 2 1 1; a3|I 2x|I 2 1 1
b|P -2y|P 1 m 1; c|P -2|P 1 1 m; a|P -2x|P m 1 1
b1|P -2yc|P 1 c 1; b2|P -2yac|P 1 n 1; b3|P -2ya|P 1 a 1; c1|P -2a|P 1 1 a; c2|P -2ab|P 1 1 n; c3|P -2b|P 1 1 b; a1|P -2xb|P b 1 1; a2|P -2xbc|P n 1 1; a3|P -2xc|P c 1 1
b1|C -2y|C 1 m 1; b2|A -2y|A 1 m 1; b3|I -2y|I 1 m 1; c1|A -2|A 1 1 m; c2|B -2|B 1 1 m; c3|I -2|I 1 1 m; a1|B -2x|B m 1 1; a2|C -2x|C m 1 1; a3|I -2x|I m 1 1
b1|C -2yc|C 1 c 1; b2|A -2yab|A 1 n 1; b3|I -2ya|I 1 a 1; -b1|A -2ya|A 1 a 1; -b2|C -2yac|C 1 n 1; -b3|I -2yc|I 1 c 1; c1|A -2a|A 1 1 a; c2|B -2ab|B 1 1 n; c3|I -2b|I 1 1 b; -c1|B -2b|B 1 1 b; -c2|A -2ab|A 1 1 n; -c3|I -2a|I 1 1 a; a1|B -2xb|B b 1 1; a2|C -2xac|C n 1 1; a3|I -2xc|I c 1 1; -a1|C -2xc|C c 1 1; -a2|B -2xab|B n 1 1; -a3|I -2xb|I b 1 1
b|-P 2y|P 1 2/m 1; c|-P 2|P 1 1 2/m; a|-P 2x|P 2/m 1 1
b|-P 2yb|P 1 21/m 1; c|-P 2c|P 1 1 21/m; a|-P 2xa|P 21/m 1 1
b1|-C 2y|C 1 2/m 1; b2|-A 2y|A 1 2/m 1; b3|-I 2y|I 1 2/m 1; c1|-A 2|A 1 1 2/m; c2|-B 2|B 1 1 2/m; c3|-I 2|I 1 1 2/m; a1|-B 2x|B 2/m 1 1; a2|-C 2x|C 2/m 1 1; a3|-I 2x|I 2/m 1 1
b1|-P 2yc|P 1 2/c 1; b2|-P 2yac|P 1 2/n 1; b3|-P 2ya|P 1 2/a 1; c1|-P 2a|P 1 1 2/a; c2|-P 2ab|P 1 1 2/n; c3|-P 2b|P 1 1 2/b; a1|-P 2xb|P 2/b 1 1; a2|-P 2xbc|P 2/n 1 1; a3|-P 2xc|P 2/c 1 1
b1|-P 2ybc|P 1 21/c 1; b2|-P 2yn|P 1 21/n 1; b3|-P 2yab|P 1 21/a 1; c1|-P 2ac|P 1 1 21/a; c2|-P 2n|P 1 1 21/n; c3|-P 2bc|P 1 1 21/b; a1|-P 2xab|P 21/b 1 1; a2|-P 2xn|P 21/n 1 1; a3|-P 2xac|P 21/c 1 1
b1|-C 2yc|C 1 2/c 1; b2|-A 2yab|A 1 2/n 1; b3|-I 2ya|I 1 2/a 1; -b1|-A 2ya|A 1 2/a 1; -b2|-C 2yac|C 1 2/n 1; -b3|-I 2yc|I 1 2/c 1; c1|-A 2a|A 1 1 2/a; c2|-B 2ab|B 1 1 2/n; c3|-I 2b|I 1 1 2/b; -c1|-B 2b|B 1 1 2/b; -c2|-A 2ab|A 1 1 2/n; -c3|-I 2a|I 1 1 2/a; a1|-B 2xb|B 2/b 1 1; a2|-C 2xac|C 2/n 1 1; a3|-I 2xc|I 2/c 1 1; -a1|-C 2xc|C 2/c 1 1; -a2|-B 2xab|B 2/n 1 1; -a3|-I 2xb|I 2/b 1 1
|P 2 2|P 2 2 2
|P 2c 2|P 2 2 21; cab|P 2a 2a|P 21 2 2; bca|P 2 2b|P 2 21 2
|P 2 2ab|P 21 21 2; cab|P 2bc 2|P 2 21 21; bca|P 2ac 2ac|P 21 2 21
|P 2ac 2ab|P 21 21 21
|C 2c 2|C 2 2 21; cab|A 2a 2a|A 21 2 2; bca|B 2 2b|B 2 21 2
|C 2 2|C 2 2 2; cab|A 2 2|A 2 2 2; bca|B 2 2|B 2 2 2
|F 2 2|F 2 2 2
|I 2 2|I 2 2 2
|I 2b 2c|I 21 21 21
|P 2 -2|P m m 2; cab|P -2 2|P 2 m m; bca|P -2 -2|P m 2 m
|P 2c -2|P m c 21; ba-c|P 2c -2c|P c m 21; cab|P -2a 2a|P 21 m a; -cba|P -2 2a|P 21 a m; bca|P -2 -2b|P b 21 m; a-cb|P -2b -2|P m 21 b
|P 2 -2c|P c c 2; cab|P -2a 2|P 2 a a; bca|P -2b -2b|P b 2 b
|P 2 -2a|P m a 2; ba-c|P 2 -2b|P b m 2; cab|P -2b 2|P 2 m b; -cba|P -2c 2|P 2 c m; bca|P -2c -2c|P c 2 m; a-cb|P -2a -2a|P m 2 a
|P 2c -2ac|P c a 21; ba-c|P 2c -2b|P b c 21; cab|P -2b 2a|P 21 a b; -cba|P -2ac 2a|P 21 c a; bca|P -2bc -2c|P c 21 b; a-cb|P -2a -2ab|P b 21 a
|P 2 -2bc|P n c 2; ba-c|P 2 -2ac|P c n 2; cab|P -2ac 2|P 2 n a; -cba|P -2ab 2|P 2 a n; bca|P -2ab -2ab|P b 2 n; a-cb|P -2bc -2bc|P n 2 b
|P 2ac -2|P m n 21; ba-c|P 2bc -2bc|P n m 21; cab|P -2ab 2ab|P 21 m n; -cba|P -2 2ac|P 21 n m; bca|P -2 -2bc|P n 21 m; a-cb|P -2ab -2|P m 21 n
|P 2 -2ab|P b a 2; cab|P -2bc 2|P 2 c b; bca|P -2ac -2ac|P c 2 a
|P 2c -2n|P n a 21; ba-c|P 2c -2ab|P b n 21; cab|P -2bc 2a|P 21 n b; -cba|P -2n 2a|P 21 c n; bca|P -2n -2ac|P c 21 n; a-cb|P -2ac -2n|P n 21 a
|P 2 -2n|P n n 2; cab|P -2n 2|P 2 n n; bca|P -2n -2n|P n 2 n
|C 2 -2|C m m 2; cab|A -2 2|A 2 m m; bca|B -2 -2|B m 2 m
|C 2c -2|C m c 21; ba-c|C 2c -2c|C c m 21; cab|A -2a 2a|A 21 m a; -cba|A -2 2a|A 21 a m; bca|B -2 -2b|B b 21 m; a-cb|B -2b -2|B m 21 b
|C 2 -2c|C c c 2; cab|A -2a 2|A 2 a a; bca|B -2b -2b|B b 2 b
|A 2 -2|A m m 2; ba-c|B 2 -2|B m m 2; cab|B -2 2|B 2 m m; -cba|C -2 2|C 2 m m; bca|C -2 -2|C m 2 m; a-cb|A -2 -2|A m 2 m
|A 2 -2b|A e m 2; ba-c|B 2 -2a|B m e 2; cab|B -2a 2|B 2 e m; -cba|C -2a 2|C 2 m e; bca|C -2a -2a|C m 2 e; a-cb|A -2b -2b|A e 2 m
|A 2 -2a|A m a 2; ba-c|B 2 -2b|B b m 2; cab|B -2b 2|B 2 m b; -cba|C -2c 2|C 2 c m; bca|C -2c -2c|C c 2 m; a-cb|A -2a -2a|A m 2 a
|A 2 -2ab|A e a 2; ba-c|B 2 -2ab|B b e 2; cab|B -2ab 2|B 2 e b; -cba|C -2ac 2|C 2 c e; bca|C -2ac -2ac|C c 2 e; a-cb|A -2ab -2ab|A e 2 a
|F 2 -2|F m m 2; cab|F -2 2|F 2 m m; bca|F -2 -2|F m 2 m
|F 2 -2d|F d d 2; cab|F -2d 2|F 2 d d; bca|F -2d -2d|F d 2 d
|I 2 -2|I m m 2; cab|I -2 2|I 2 m m; bca|I -2 -2|I m 2 m
|I 2 -2c|I b a 2; cab|I -2a 2|I 2 c b; bca|I -2b -2b|I c 2 a
|I 2 -2a|I m a 2; ba-c|I 2 -2b|I b m 2; cab|I -2b 2|I 2 m b; -cba|I -2c 2|I 2 c m; bca|I -2c -2c|I c 2 m; a-cb|I -2a -2a|I m 2 a
|-P 2 2|P m m m|P 2/m 2/m 2/m
1|P 2 2 -1n|P n n n|P 2/n 2/n 2/n; 2|-P 2ab 2bc|P n n n|P 2/n 2/n 2/n
|-P 2 2c|P c c m|P 2/c 2/c 2/m; cab|-P 2a 2|P m a a|P 2/m 2/a 2/a; bca|-P 2b 2b|P b m b|P 2/b 2/m 2/b
1|P 2 2 -1ab|P b a n|P 2/b 2/a 2/n; 2|-P 2ab 2b|P b a n|P 2/b 2/a 2/n; 1cab|P 2 2 -1bc|P n c b|P 2/n 2/c 2/b; 2cab|-P 2b 2bc|P n c b|P 2/n 2/c 2/b; 1bca|P 2 2 -1ac|P c n a|P 2/c 2/n 2/a; 2bca|-P 2a 2c|P c n a|P 2/c 2/n 2/a
|-P 2a 2a|P m m a|P 21/m 2/m 2/a; ba-c|-P 2b 2|P m m b|P 2/m 21/m 2/b; cab|-P 2 2b|P b m m|P 2/b 21/m 2/m; -cba|-P 2c 2c|P c m m|P 2/c 2/m 21/m; bca|-P 2c 2|P m c m|P 2/m 2/c 21/m; a-cb|-P 2 2a|P m a m|P 21/m 2/a 2/m
|-P 2a 2bc|P n n a|P 2/n 21/n 2/a; ba-c|-P 2b 2n|P n n b|P 21/n 2/n 2/b; cab|-P 2n 2b|P b n n|P 2/b 2/n 21/n; -cba|-P 2ab 2c|P c n n|P 2/c 21/n 2/n; bca|-P 2ab 2n|P n c n|P 21/n 2/c 2/n; a-cb|-P 2n 2bc|P n a n|P 2/n 2/a 21/n
|-P 2ac 2|P m n a|P 2/m 2/n 21/a; ba-c|-P 2bc 2bc|P n m b|P 2/n 2/m 21/b; cab|-P 2ab 2ab|P b m n|P 21/b 2/m 2/n; -cba|-P 2 2ac|P c n m|P 21/c 2/n 2/m; bca|-P 2 2bc|P n c m|P 2/n 21/c 2/m; a-cb|-P 2ab 2|P m a n|P 2/m 21/a 2/n
|-P 2a 2ac|P c c a|P 21/c 2/c 2/a; ba-c|-P 2b 2c|P c c b|P 2/c 21/c 2/b; cab|-P 2a 2b|P b a a|P 2/b 21/a 2/a; -cba|-P 2ac 2c|P c a a|P 2/c 2/a 21/a; bca|-P 2bc 2b|P b c b|P 2/b 2/c 21/b; a-cb|-P 2b 2ab|P b a b|P 21/b 2/a 2/b
|-P 2 2ab|P b a m|P 21/b 21/a 2/m; cab|-P 2bc 2|P m c b|P 2/m 21/c 21/b; bca|-P 2ac 2ac|P c m a|P 21/c 2/m 21/a
|-P 2ab 2ac|P c c n|P 21/c 21/c 2/n; cab|-P 2ac 2bc|P n a a|P 2/n 21/a 21/a; bca|-P 2bc 2ab|P b n b|P 21/b 2/n 21/b
|-P 2c 2b|P b c m|P 2/b 21/c 21/m; ba-c|-P 2c 2ac|P c a m|P 21/c 2/a 21/m; cab|-P 2ac 2a|P m c a|P 21/m 2/c 21/a; -cba|-P 2b 2a|P m a b|P 21/m 21/a 2/b; bca|-P 2a 2ab|P b m a|P 21/b 21/m 2/a; a-cb|-P 2bc 2c|P c m b|P 2/c 21/m 21/b
|-P 2 2n|P n n m|P 21/n 21/n 2/m; cab|-P 2n 2|P m n n|P 2/m 21/n 21/n; bca|-P 2n 2n|P n m n|P 21/n 2/m 21/n
1|P 2 2ab -1ab|P m m n|P 21/m 21/m 2/n; 2|-P 2ab 2a|P m m n|P 21/m 21/m 2/n; 1cab|P 2bc 2 -1bc|P n m m|P 2/n 21/m 21/m; 2cab|-P 2c 2bc|P n m m|P 2/n 21/m 21/m; 1bca|P 2ac 2ac -1ac|P m n m|P 21/m 2/n 21/m; 2bca|-P 2c 2a|P m n m|P 21/m 2/n 21/m
|-P 2n 2ab|P b c n|P 21/b 2/c 21/n; ba-c|-P 2n 2c|P c a n|P 2/c 21/a 21/n; cab|-P 2a 2n|P n c a|P 21/n 21/c 2/a; -cba|-P 2bc 2n|P n a b|P 21/n 2/a 21/b; bca|-P 2ac 2b|P b n a|P 2/b 21/n 21/a; a-cb|-P 2b 2ac|P c n b|P 21/c 21/n 2/b
|-P 2ac 2ab|P b c a|P 21/b 21/c 21/a; ba-c|-P 2bc 2ac|P c a b|P 21/c 21/a 21/b
|-P 2ac 2n|P n m a|P 21/n 21/m 21/a; ba-c|-P 2bc 2a|P m n b|P 21/m 21/n 21/b; cab|-P 2c 2ab|P b n m|P 21/b 21/n 21/m; -cba|-P 2n 2ac|P c m n|P 21/c 21/m 21/n; bca|-P 2n 2a|P m c n|P 21/m 21/c 21/n; a-cb|-P 2c 2n|P n a m|P 21/n 21/a 21/m
|-C 2c 2|C m c m|C 2/m 2/c 21/m; ba-c|-C 2c 2c|C c m m|C 2/c 2/m 21/m; cab|-A 2a 2a|A m m a|A 21/m 2/m 2/a; -cba|-A 2 2a|A m a m|A 21/m 2/a 2/m; bca|-B 2 2b|B b m m|B 2/b 21/m 2/m; a-cb|-B 2b 2|B m m b|B 2/m 21/m 2/b
|-C 2ac 2|C m c e|C 2/m 2/c 21/e; ba-c|-C 2ac 2ac|C c m e|C 2/c 2/m 21/e; cab|-A 2ab 2ab|A e m a|A 21/e 2/m 2/a; -cba|-A 2 2ab|A e a m|A 21/e 2/a 2/m; bca|-B 2 2ab|B b e m|B 2/b 21/e 2/m; a-cb|-B 2ab 2|B m e b|B 2/m 21/e 2/b
|-C 2 2|C m m m|C 2/m 2/m 2/m; cab|-A 2 2|A m m m|A 2/m 2/m 2/m; bca|-B 2 2|B m m m|B 2/m 2/m 2/m
|-C 2 2c|C c c m|C 2/c 2/c 2/m; cab|-A 2a 2|A m a a|A 2/m 2/a 2/a; bca|-B 2b 2b|B b m b|B 2/b 2/m 2/b
|-C 2a 2|C m m e|C 2/m 2/m 2/e; ba-c|-C 2a 2a|C m m e|C 2/m 2/m 2/e; cab|-A 2b 2b|A e m m|A 2/e 2/m 2/m; -cba|-A 2 2b|A e m m|A 2/e 2/m 2/m; bca|-B 2 2a|B m e m|B 2/m 2/e 2/m; a-cb|-B 2a 2|B m e m|B 2/m 2/e 2/m
1|C 2 2 -1ac|C c c e|C 2/c 2/c 2/e; 2|-C 2a 2ac|C c c e|C 2/c 2/c 2/e; 1ba-c|C 2 2 -1ac|C c c e|C 2/c 2/c 2/e; 2ba-c|-C 2a 2c|C c c e|C 2/c 2/c 2/e; 1cab|A 2 2 -1ab|A e a a|A 2/e 2/a 2/a; 2cab|-A 2a 2b|A e a a|A 2/e 2/a 2/a; 1-cba|A 2 2 -1ab|A e a a|A 2/e 2/a 2/a; 2-cba|-A 2ab 2b|A e a a|A 2/e 2/a 2/a; 1bca|B 2 2 -1ab|B b e b|B 2/b 2/e 2/b; 2bca|-B 2ab 2b|B b e b|B 2/b 2/e 2/b; 1a-cb|B 2 2 -1ab|B b e b|B 2/b 2/e 2/b; 2a-cb|-B 2b 2ab|B b e b|B 2/b 2/e 2/b
|-F 2 2|F m m m|F 2/m 2/m 2/m
1|F 2 2 -1d|F d d d|F 2/d 2/d 2/d; 2|-F 2uv 2vw|F d d d|F 2/d 2/d 2/d
|-I 2 2|I m m m|I 2/m 2/m 2/m
|-I 2 2c|I b a m|I 2/b 2/a 2/m; cab|-I 2a 2|I m c b|I 2/m 2/c 2/b; bca|-I 2b 2b|I c m a|I 2/c 2/m 2/a
|-I 2b 2c|I b c a|I 2/b 2/c 2/a; ba-c|-I 2a 2b|I c a b|I 2/c 2/a 2/b
|-I 2b 2|I m m a|I 2/m 2/m 2/a; ba-c|-I 2a 2a|I m m b|I 2/m 2/m 2/b; cab|-I 2c 2c|I b m m|I 2/b 2/m 2/m; -cba|-I 2 2b|I c m m|I 2/c 2/m 2/m; bca|-I 2 2a|I m c m|I 2/m 2/c 2/m; a-cb|-I 2c 2|I m a m|I 2/m 2/a 2/m
|P 4|P 4
|P 4w|P 41
|P 4c|P 42
|P 4cw|P 43
|I 4|I 4
|I 4bw|I 41
|P -4|P -4
|I -4|I -4
|-P 4|P 4/m
|-P 4c|P 42/m
1|P 4ab -1ab|P 4/n; 2|-P 4a|P 4/n
1|P 4n -1n|P 42/n; 2|-P 4bc|P 42/n
|-I 4|I 4/m
1|I 4bw -1bw|I 41/a; 2|-I 4ad|I 41/a
|P 4 2|P 4 2 2
|P 4ab 2ab|P 4 21 2
|P 4w 2c|P 41 2 2
|P 4abw 2nw|P 41 21 2
|P 4c 2|P 42 2 2
|P 4n 2n|P 42 21 2
|P 4cw 2c|P 43 2 2
|P 4nw 2abw|P 43 21 2
|I 4 2|I 4 2 2
|I 4bw 2bw|I 41 2 2
|P 4 -2|P 4 m m
|P 4 -2ab|P 4 b m
|P 4c -2c|P 42 c m
|P 4n -2n|P 42 n m
|P 4 -2c|P 4 c c
|P 4 -2n|P 4 n c
|P 4c -2|P 42 m c
|P 4c -2ab|P 42 b c
|I 4 -2|I 4 m m
|I 4 -2c|I 4 c m
|I 4bw -2|I 41 m d
|I 4bw -2c|I 41 c d
|P -4 2|P -4 2 m
|P -4 2c|P -4 2 c
|P -4 2ab|P -4 21 m
|P -4 2n|P -4 21 c
|P -4 -2|P -4 m 2
|P -4 -2c|P -4 c 2
|P -4 -2ab|P -4 b 2
|P -4 -2n|P -4 n 2
|I -4 -2|I -4 m 2
|I -4 -2c|I -4 c 2
|I -4 2|I -4 2 m
|I -4 2bw|I -4 2 d
|-P 4 2|P 4/m m m|P 4/m 2/m 2/m
|-P 4 2c|P 4/m c c|P 4/m 2/c 2/c
1|P 4 2 -1ab|P 4/n b m|P 4/n 2/b 2/m; 2|-P 4a 2b|P 4/n b m|P 4/n 2/b 2/m
1|P 4 2 -1n|P 4/n n c|P 4/n 2/n 2/c; 2|-P 4a 2bc|P 4/n n c|P 4/n 2/n 2/c
|-P 4 2ab|P 4/m b m|P 4/m 21/b m
|-P 4 2n|P 4/m n c|P 4/m 21/n c
1|P 4ab 2ab -1ab|P 4/n m m|P 4/n 21/m m; 2|-P 4a 2a|P 4/n m m|P 4/n 21/m m
1|P 4ab 2n -1ab|P 4/n c c|P 4/n 21/c c; 2|-P 4a 2ac|P 4/n c c|P 4/n 21/c c
|-P 4c 2|P 42/m m c|P 42/m 2/m 2/c
|-P 4c 2c|P 42/m c m|P 42/m 2/c 2/m
1|P 4n 2c -1n|P 42/n b c|P 42/n 2/b 2/c; 2|-P 4ac 2b|P 42/n b c|P 42/n 2/b 2/c
1|P 4n 2 -1n|P 42/n n m|P 42/n 2/n 2/m; 2|-P 4ac 2bc|P 42/n n m|P 42/n 2/n 2/m
|-P 4c 2ab|P 42/m b c|P 42/m 21/b 2/c
|-P 4n 2n|P 42/m n m|P 42/m 21/n 2/m
1|P 4n 2n -1n|P 42/n m c|P 42/n 21/m 2/c; 2|-P 4ac 2a|P 42/n m c|P 42/n 21/m 2/c
1|P 4n 2ab -1n|P 42/n c m|P 42/n 21/c 2/m; 2|-P 4ac 2ac|P 42/n c m|P 42/n 21/c 2/m
|-I 4 2|I 4/m m m|I 4/m 2/m 2/m
|-I 4 2c|I 4/m c m|I 4/m 2/c 2/m
1|I 4bw 2bw -1bw|I 41/a m d|I 41/a 2/m 2/d; 2|-I 4bd 2|I 41/a m d|I 41/a 2/m 2/d
1|I 4bw 2aw -1bw|I 41/a c d|I 41/a 2/c 2/d; 2|-I 4bd 2c|I 41/a c d|I 41/a 2/c 2/d
|P 3|P 3
|P 31|P 31
|P 32|P 32
H|R 3|R 3; R|P 3*|R 3
|-P 3|P -3
H|-R 3|R -3; R|-P 3*|R -3
|P 3 2|P 3 1 2
|P 3 2=|P 3 2 1
|P 31 2 (0 0 4)|P 31 1 2
|P 31 2=|P 31 2 1
|P 32 2 (0 0 2)|P 32 1 2
|P 32 2=|P 32 2 1
H|R 3 2=|R 3 2; R|P 3* 2|R 3 2
|P 3 -2=|P 3 m 1
|P 3 -2|P 3 1 m
|P 3 -2=c|P 3 c 1
|P 3 -2c|P 3 1 c
H|R 3 -2=|R 3 m; R|P 3* -2|R 3 m
H|R 3 -2=c|R 3 c; R|P 3* -2n|R 3 c
|-P 3 2|P -3 1 m|P -3 1 2/m
|-P 3 2c|P -3 1 c|P -3 1 2/c
|-P 3 2=|P -3 m 1|P -3 2/m 1
|-P 3 2=c|P -3 c 1|P -3 2/c 1
H|-R 3 2=|R -3 m|R -3 2/m; R|-P 3* 2|R -3 m|R -3 2/m
H|-R 3 2=c|R -3 c|R -3 2/c; R|-P 3* 2n|R -3 c|R -3 2/c
|P 6|P 6
|P 61|P 61
|P 65|P 65
|P 62|P 62
|P 64|P 64
|P 6c|P 63
|P -6|P -6
|-P 6|P 6/m
|-P 6c|P 63/m
|P 6 2|P 6 2 2
|P 61 2 (0 0 5)|P 61 2 2
|P 65 2 (0 0 1)|P 65 2 2
|P 62 2 (0 0 4)|P 62 2 2
|P 64 2 (0 0 2)|P 64 2 2
|P 6c 2c|P 63 2 2
|P 6 -2|P 6 m m
|P 6 -2c|P 6 c c
|P 6c -2|P 63 c m
|P 6c -2c|P 63 m c
|P -6 2|P -6 m 2
|P -6c 2|P -6 c 2
|P -6 -2|P -6 2 m
|P -6c -2c|P -6 2 c
|-P 6 2|P 6/m m m|P 6/m 2/m 2/m
|-P 6 2c|P 6/m c c|P 6/m 2/c 2/c
|-P 6c 2|P 63/m c m|P 63/m 2/c 2/m
|-P 6c 2c|P 63/m m c|P 63/m 2/m 2/c
|P 2 2 3|P 2 3
|F 2 2 3|F 2 3
|I 2 2 3|I 2 3
|P 2ac 2ab 3|P 21 3
|I 2b 2c 3|I 21 3
|-P 2 2 3|P m -3|P 2/m -3
1|P 2 2 3 -1n|P n -3|P 2/n -3; 2|-P 2ab 2bc 3|P n -3|P 2/n -3
|-F 2 2 3|F m -3|F 2/m -3
1|F 2 2 3 -1d|F d -3|F 2/d -3; 2|-F 2uv 2vw 3|F d -3|F 2/d -3
|-I 2 2 3|I m -3|I 2/m -3
|-P 2ac 2ab 3|P a -3|P 21/a -3
|-I 2b 2c 3|I a -3|I 21/a -3
|P 4 2 3|P 4 3 2
|P 4n 2 3|P 42 3 2
|F 4 2 3|F 4 3 2
|F 4d 2 3|F 41 3 2
|I 4 2 3|I 4 3 2
|P 4acd 2ab 3|P 43 3 2
|P 4bd 2ab 3|P 41 3 2
|I 4bd 2c 3|I 41 3 2
|P -4 2 3|P -4 3 m
|F -4 2 3|F -4 3 m
|I -4 2 3|I -4 3 m
|P -4n 2 3|P -4 3 n
|F -4a 2 3|F -4 3 c
|I -4bd 2c 3|I -4 3 d
|-P 4 2 3|P m -3 m|P 4/m -3 2/m
1|P 4 2 3 -1n|P n -3 n|P 4/n -3 2/n; 2|-P 4a 2bc 3|P n -3 n|P 4/n -3 2/n
|-P 4n 2 3|P m -3 n|P 42/m -3 2/n
1|P 4n 2 3 -1n|P n -3 m|P 42/n -3 2/m; 2|-P 4bc 2bc 3|P n -3 m|P 42/n -3 2/m
|-F 4 2 3|F m -3 m|F 4/m -3 2/m
|-F 4a 2 3|F m -3 c|F 4/m -3 2/c
1|F 4d 2 3 -1d|F d -3 m|F 41/d -3 2/m; 2|-F 4vw 2vw 3|F d -3 m|F 41/d -3 2/m
1|F 4d 2 3 -1ad|F d -3 c|F 41/d -3 2/c; 2|-F 4ud 2vw 3|F d -3 c|F 41/d -3 2/c
|-I 4 2 3|I m -3 m|I 4/m -3 2/m
|-I 4bd 2c 3|I a -3 d|I 41/a -3 2/d
`

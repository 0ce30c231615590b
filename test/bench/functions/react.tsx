/** Renders a page with React on the server: a table of forty products, in a bundle of more than 200 kB. */
import { renderToString } from 'react-dom/server.edge';
import type { Answer } from './call.ts';

interface Product {
  readonly name: string;
  readonly cents: number;
  readonly stock: number;
  readonly tags: readonly string[];
}

const products: readonly Product[] = Array.from({ length: 40 }, (_, index) => ({
  name: `Product ${index + 1}`,
  cents: 1_995 + index * 37,
  stock: (index * 7) % 23,
  tags: ['new', 'sale', 'last pieces'].slice(0, index % 4),
}));

export function answer(): Answer {
  return `<!doctype html>${renderToString(<Page products={products} />)}`;
}

function Page({ products: rows }: { products: readonly Product[] }) {
  return (
    <html lang="en">
      <head>
        <title>Shop</title>
      </head>
      <body>
        <header>
          <h1>Shop</h1>
          <nav>
            {['Home', 'Offers', 'Basket', 'Account'].map((title) => (
              <a key={title} href={`/${title.toLowerCase()}`} className="link">
                {title}
              </a>
            ))}
          </nav>
        </header>
        <main>
          <table>
            <tbody>
              {rows.map((product) => (
                <Row key={product.name} product={product} />
              ))}
            </tbody>
          </table>
        </main>
        <footer>{rows.length} products &amp; more to come</footer>
      </body>
    </html>
  );
}

function Row({ product: { name, cents, stock, tags } }: { product: Product }) {
  return (
    <tr className={stock === 0 ? 'sold-out' : 'in-stock'}>
      <td>{name}</td>
      <td style={{ textAlign: 'right' }}>{(cents / 100).toFixed(2)}</td>
      <td>{stock === 0 ? 'sold out' : `${stock} left`}</td>
      <td>
        {tags.map((tag) => (
          <span key={tag} className="tag">
            {tag}
          </span>
        ))}
      </td>
    </tr>
  );
}
